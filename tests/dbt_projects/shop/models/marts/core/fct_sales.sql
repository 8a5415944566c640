{{ config(alias='sales') }}

select
    s.*,
    p.category,
    p.margin * s.quantity as expected_margin,
    rank() over (partition by p.category order by s.total desc) as place_in_category
from {{ ref('int_sales_unioned') }} s
left join {{ ref('dim_products') }} p on s.sku = p.sku
