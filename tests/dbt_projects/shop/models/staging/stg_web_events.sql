select
    id as event_id,
    visitor,
    customer_id,
    event,
    page,
    happened_at
from {{ source('shop_db', 'web_events') }}
where event <> 'bot'
