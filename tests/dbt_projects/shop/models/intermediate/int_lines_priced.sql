{{ config(materialized='ephemeral') }}

select
    l.*,
    p.title,
    p.category_id,
    p.unit_cost * l.quantity as cost,
    {{ tidy.money('l.net_cents') }} as net
from {{ ref('stg_order_lines') }} as l
left join {{ ref('stg_products') }} as p on p.sku = l.sku
