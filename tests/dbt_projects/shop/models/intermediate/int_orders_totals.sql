{{ config(materialized='ephemeral') }}

select
    order_id,
    count(*) as lines,
    sum(quantity) as pieces,
    sum(net) as net,
    sum(cost) as cost
from {{ ref('int_lines_priced') }}
group by order_id
