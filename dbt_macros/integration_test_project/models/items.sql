select item, sum(price) as turnover
from {{ ref('sales') }}
group by item
