select * from {{ source('shop_db', 'categories') }}
