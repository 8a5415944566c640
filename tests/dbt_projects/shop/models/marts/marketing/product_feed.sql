{% if target.type == 'duckdb' %}
select * exclude (unit_cost, labels) replace (upper(title) as title), 'new' as condition
from {{ ref('stg_products') }}
where is_sold
{% else %}
select
    sku,
    upper(title) as title,
    category_id,
    list_price,
    weight_grams,
    discontinued_on,
    is_sold,
    'new' as condition
from {{ ref('stg_products') }}
where is_sold
{% endif %}
