select
    p.sku,
    p.title,
    tree.name as category,
    tree.root_name as department,
    p.list_price,
    cast(p.list_price - p.unit_cost as numeric(16, 2)) as margin,
    p.is_sold,
    cast(coalesce(sold.pieces, 0) as {{ dbt.type_int() }}) as pieces_sold
from {{ ref('stg_products') }} as p
inner join {{ ref('int_category_tree') }} as tree on tree.category_id = p.category_id
left join (
    select sku, sum(quantity) as pieces
    from {{ ref('int_sales_unioned') }}
    group by sku
) as sold on sold.sku = p.sku
