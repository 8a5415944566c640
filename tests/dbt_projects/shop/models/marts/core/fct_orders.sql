with totals as (select * from {{ ref('int_orders_totals') }}),

paid as (select * from {{ ref('int_order_payments_pivoted') }})

select
    o.order_id,
    o.customer_id,
    o.status,
    o.channel,
    o.ordered_at,
    cast(totals.net as numeric(16, 2)) as net,
    cast(totals.net * (1 + c.vat_percent / 100.0) as numeric(16, 2)) as gross,
    cast(coalesce(paid.kept, 0) as numeric(16, 2)) as kept,
    case
        when o.is_void then 'void'
        when paid.kept is null then 'open'
        when paid.kept >= totals.net then 'paid'
        else 'partly'
    end as payment_state,
    cast(totals.pieces as {{ dbt.type_int() }}) as pieces
from {{ ref('stg_orders') }} as o
join totals on totals.order_id = o.order_id
left join paid on paid.order_id = o.order_id
left join {{ ref('stg_customers') }} as cu on cu.customer_id = o.customer_id
left join {{ ref('countries') }} as c on c.code = cu.country_code
