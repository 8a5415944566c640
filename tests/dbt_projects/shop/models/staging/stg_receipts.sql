select r.*, {{ tidy.money('r.total_cents') }} as total
from {{ source('pos', 'receipts') }} as r
