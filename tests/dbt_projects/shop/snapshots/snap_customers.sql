{% snapshot snap_customers %}
{{
    config(
        unique_key='customer_id',
        strategy='timestamp',
        updated_at='changed_at',
        hard_deletes='invalidate',
        meta={'owner': 'platform@example.test'},
    )
}}

select c.customer_id, c.customer_name, c.email, c.country_code, c.is_active, c.changed_at
from {{ ref('stg_customers') }} as c

{% endsnapshot %}
