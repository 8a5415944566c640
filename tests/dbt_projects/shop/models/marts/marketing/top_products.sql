select department, sku, title, pieces
from (
    select d.department, d.sku, d.title, sum(s.quantity) as pieces,
        row_number() over (partition by d.department order by sum(s.quantity) desc, d.sku) as place
    from {{ ref('fct_sales') }} as s
    join {{ ref('dim_products') }} as d on d.sku = s.sku
    group by d.department, d.sku, d.title
) as placed
where place <= 3
