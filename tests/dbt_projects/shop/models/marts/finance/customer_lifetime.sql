with orders as (
    select * from {{ ref('fct_orders') }} where payment_state in ('paid', 'partly')
),

spent as (
    select
        customer_id,
        sum(kept) as spent,
        min(ordered_at) as first_at,
        max(ordered_at) as last_at,
        count(*) as orders
    from orders
    group by customer_id
)

select
    spent.*,
    ntile(4) over (order by spent desc) as quarter,
    spent / (select sum(kept) from orders) as share,
    spent - lag(spent) over (order by spent) as above_next,
    dense_rank() over (order by orders desc, spent desc) as place
from spent
