with source as (select * from {{ source('shop_db', 'products') }}),

priced as (
    select
        *,
        {{ tidy.money('list_cents') }} as list_price,
        {{ tidy.money('cost_cents') }} as unit_cost
    from source
)

select
    sku,
    title,
    category_id,
    list_price,
    unit_cost,
    weight_grams,
    labels,
    discontinued_on,
    discontinued_on is null as is_sold
from priced
