select * from {{ source('till', 'sales') }}
