{{ config(materialized='view') }}

with labels as (
    select sku, unnest(string_to_array(labels, ',')) as label
    from {{ ref('stg_products') }}
)

select labels.label, count(*) as products, min(p.list_price) as cheapest
from labels
join {{ ref('stg_products') }} as p using (sku)
group by labels.label
