{{ config(materialized='ephemeral') }}

with refunds as (
    select payment_id, sum(amount) as refunded, max(refunded_at) as last_refund_at
    from {{ ref('stg_refunds') }}
    group by payment_id
)

select
    pay.payment_id,
    pay.order_id,
    pay.method,
    pay.amount,
    coalesce(refunds.refunded, 0) as refunded,
    pay.amount - coalesce(refunds.refunded, 0) as kept,
    pay.paid_at,
    refunds.last_refund_at
from {{ ref('stg_payments') }} as pay
left join refunds using (payment_id)
where pay.is_settled
