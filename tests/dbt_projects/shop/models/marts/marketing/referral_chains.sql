with recursive chain as (
    select customer_id as starter_id, customer_id, 0 as hops
    from {{ ref('stg_customers') }}
    where referred_by is null

    union all

    select chain.starter_id, c.customer_id, chain.hops + 1
    from chain
    join {{ ref('stg_customers') }} as c on c.referred_by = chain.customer_id
)

select starter.customer_name as starter, count(*) - 1 as brought, max(chain.hops) as longest
from chain
join {{ ref('stg_customers') }} as starter on starter.customer_id = chain.starter_id
group by starter.customer_name
