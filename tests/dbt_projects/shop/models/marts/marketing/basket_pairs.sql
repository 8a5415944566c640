select a.sku as sku, b.sku as with_sku, count(*) as baskets, sum(least(a.quantity, b.quantity)) as pieces
from {{ ref('fct_order_lines') }} a
inner join {{ ref('fct_order_lines') }} b on a.order_id = b.order_id and a.sku < b.sku
group by a.sku, b.sku
