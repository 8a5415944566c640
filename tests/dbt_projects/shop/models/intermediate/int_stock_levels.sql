select
    warehouse,
    sku,
    moved_on,
    moved,
    sum(moved) over w as level,
    first_value(moved_on) over w as first_moved_on,
    moved_on = max(moved_on) over (partition by warehouse, sku) as is_latest
from {{ ref('stg_stock_moves') }}
window w as (partition by warehouse, sku order by moved_on, move_id)
