select
    {{ dbt.date_trunc('month', 'ordered_at') }} as month,
    channel,
    sum(net) as net,
    sum(gross) - sum(net) as tax,
    count(distinct customer_id) as customers,
    avg(net) as average_net,
    max(net) filter (where status = 'delivered') as largest_delivered,
    sum(sum(net)) over (partition by channel order by {{ dbt.date_trunc('month', 'ordered_at') }}) as net_so_far
from {{ ref('fct_orders') }}
where payment_state <> 'void'
group by 1, 2
having count(*) > 0
