{%- set methods = ['card', 'wallet', 'invoice', 'voucher'] -%}

select
    order_id,
    {{ sums_by('method', methods, 'amount', 'paid_by_') }},
    sum(kept) as kept,
    count(distinct method) as methods
from {{ ref('int_payments_settled') }}
group by 1
