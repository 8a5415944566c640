with marked as (
    select
        *,
        case
            when happened_at - lag(happened_at) over (partition by visitor order by happened_at) <= interval '30 minutes'
                then 0
            else 1
        end as starts
    from {{ ref('stg_web_events') }}
),

numbered as (
    select marked.*, sum(starts) over (partition by visitor order by happened_at rows unbounded preceding) as session_no
    from marked
)

select
    visitor,
    session_no,
    max(customer_id) as customer_id,
    min(happened_at) as started_at,
    max(happened_at) as ended_at,
    count(*) as events,
    sum(case when event = 'order' then 1 else 0 end) as orders
from numbered
group by visitor, session_no
