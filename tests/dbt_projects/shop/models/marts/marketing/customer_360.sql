with customers as (select * from {{ ref('dim_customers') }}),

lifetime as (select * from {{ ref('customer_lifetime') }}),

visits as (
    select customer_id, count(*) as visits, max(ended_at) as last_seen_at
    from {{ ref('int_sessions') }}
    where customer_id is not null
    group by 1
),

joined as (
    select
        customers.*,
        lifetime.spent,
        lifetime.orders,
        lifetime.quarter,
        visits.visits,
        visits.last_seen_at
    from customers
    left join lifetime on lifetime.customer_id = customers.customer_id
    left join visits on visits.customer_id = customers.customer_id
),

final as (
    select
        joined.*,
        greatest(joined.first_ordered_at, joined.last_seen_at) as touched_at,
        case quarter when 1 then 'gold' when 2 then 'silver' else 'green' end as tier
    from joined
)

select * from final
