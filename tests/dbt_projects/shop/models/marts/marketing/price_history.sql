select
    h.sku,
    h.list_price,
    h.dbt_valid_from as since,
    h.dbt_valid_to as until,
    merged.price as known_price,
    merged.origin
from {{ ref('snap_products') }} as h
full outer join {{ ref('int_prices_merged') }} as merged on merged.sku = h.sku
