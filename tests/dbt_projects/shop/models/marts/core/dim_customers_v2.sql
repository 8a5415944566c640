with firsts as (
    select distinct on (customer_id) customer_id, order_id as first_order_id, ordered_at as first_ordered_at
    from {{ ref('stg_orders') }}
    order by customer_id, ordered_at
),

customers as (select * from {{ ref('stg_customers') }})

select
    customers.customer_id,
    customers.customer_name,
    customers.email,
    customers.signed_up_at,
    places.name as country,
    places.region,
    referrer.customer_name as referred_by_name,
    firsts.first_order_id,
    firsts.first_ordered_at,
    firsts.customer_id is not null as has_ordered
from customers
left join firsts using (customer_id)
left join customers as referrer on referrer.customer_id = customers.referred_by
left join {{ ref('countries') }} as places on places.code = customers.country_code
