select
    k.email,
    k.kind,
    coalesce(c.customer_name, 'friend') as greeting,
    exists (select 1 from {{ ref('int_sales_unioned') }} as s where s.email = k.email) as has_bought
from {{ ref('int_customer_contacts') }} as k
left join {{ ref('stg_customers') }} as c on c.email = k.email and c.is_active
