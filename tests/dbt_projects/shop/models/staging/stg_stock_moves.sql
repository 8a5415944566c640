select
    id as move_id,
    sku,
    upper(warehouse) as warehouse,
    moved,
    greatest(moved, 0) as came_in,
    cast(moved_at as date) as moved_on
from {{ source('shop_db', 'stock_moves') }}
