{{ config(tags=['sales']) }}

with online as (
    select
        'online' as place,
        o.channel,
        c.email,
        l.sku,
        l.quantity,
        l.net as total,
        o.ordered_at as sold_at
    from {{ ref('int_lines_priced') }} as l
    join {{ ref('stg_orders') }} as o on o.order_id = l.order_id
    join {{ ref('stg_customers') }} as c on c.customer_id = o.customer_id
    where not o.is_void
),

stores as (
    select t.store as place, 'store' as channel, r.email, r.sku, r.quantity, r.total, r.sold_at
    from {{ ref('stg_receipts') }} as r
    join {{ ref('stg_tills') }} as t using (till_id)
),

everything as (
    select * from online
    union all
    select * from stores
)

select everything.*, row_number() over (order by sold_at, sku) as sale_no
from everything
