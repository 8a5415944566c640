{{ config(materialized='incremental', unique_key='id') }}
select id, item, price from {{ ref('priced') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
