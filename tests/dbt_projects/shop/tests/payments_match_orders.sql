select o.order_id, o.kept, sum(p.kept) as paid
from {{ ref('fct_orders') }} as o
join {{ ref('fct_payments') }} as p on p.order_id = o.order_id
group by 1, 2
having o.kept <> sum(p.kept)
