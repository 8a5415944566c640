select
    p.id as payment_id,
    p.order_id,
    p.method,
    {{ tidy.money('p.amount_cents') }} as amount,
    p.state,
    p.state = 'settled' as is_settled,
    p.paid_at
from {{ source('shop_db', 'payments') }} as p
