{{ config(materialized='ephemeral') }}
select sales.id, sales.item, sales.amount * rates.rate as price
from {{ ref('stg_sales') }} as sales
join {{ ref('rates') }} as rates on rates.currency = sales.currency
