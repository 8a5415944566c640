select
    sku,
    title,
    sum(net) as net,
    sum(cost) as cost,
    sum(net - cost) as margin,
    case when sum(net) > 0 then sum(net - cost) / sum(net) end as margin_rate
from {{ ref('int_lines_priced') }}
group by sku, title
