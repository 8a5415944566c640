select distinct on (o.customer_id) c.*, o.order_id, o.ordered_at, o.gross
from {{ ref('fct_orders') }} as o
join {{ ref('dim_customers', version=2) }} as c on c.customer_id = o.customer_id
order by o.customer_id, o.ordered_at desc
