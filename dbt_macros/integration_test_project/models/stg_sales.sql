{{ config(materialized='ephemeral') }}
select id, item, cents / 100.0 as price
from {{ ref('raw_sales') }}
