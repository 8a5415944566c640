with source as (select * from {{ source('shop_db', 'orders') }})

select
    id as order_id,
    customer_id,
    status,
    channel,
    ordered_at,
    shipped_at,
    {{ dbt.date_trunc('day', 'ordered_at') }} as ordered_on,
    coalesce(note, '') as note,
    status in ('cancelled', 'returned') as is_void
from source
