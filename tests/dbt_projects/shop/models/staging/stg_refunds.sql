select
    id as refund_id,
    payment_id,
    {{ tidy.money('amount_cents') }} as amount,
    reason,
    refunded_at
from {{ source('shop_db', 'refunds') }}
