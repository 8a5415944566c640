{{ config(materialized='table', tags=['daily']) }}
select id, item, price
from {{ ref('stg_sales') }}
