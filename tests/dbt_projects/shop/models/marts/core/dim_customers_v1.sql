select customer_id, customer_name, email, signed_up_at
from {{ ref('stg_customers') }}
