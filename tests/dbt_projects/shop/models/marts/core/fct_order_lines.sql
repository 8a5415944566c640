{{ config(materialized='incremental', incremental_strategy='append') }}

select l.*, o.ordered_at, o.customer_id
from {{ ref('int_lines_priced') }} as l
join {{ ref('stg_orders') }} as o using (order_id)
{% if is_incremental() %}
where o.ordered_at > (select coalesce(max(ordered_at), '1970-01-01') from {{ this }})
{% endif %}
