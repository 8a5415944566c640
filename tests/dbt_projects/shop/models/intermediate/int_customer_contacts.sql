select email, 'customer' as kind from {{ ref('stg_customers') }}
union
select distinct lower(email), 'till' from {{ ref('stg_receipts') }} where email is not null
