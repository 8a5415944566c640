{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['warehouse', 'sku', 'day']) }}

with moves as (
    select warehouse, sku, moved_on as day, sum(moved) as moved, sum(came_in) as came_in
    from {{ ref('stg_stock_moves') }}
    {% if is_incremental() %}
    where moved_on >= (select coalesce(max(day), cast('1970-01-01' as date)) from {{ this }})
    {% endif %}
    group by 1, 2, 3
)

select
    moves.*,
    levels.level as closing_level
from moves
left join lateral (
    select l.level
    from {{ ref('int_stock_levels') }} as l
    where l.warehouse = moves.warehouse and l.sku = moves.sku and l.moved_on <= moves.day
    order by l.moved_on desc
    limit 1
) as levels on true
