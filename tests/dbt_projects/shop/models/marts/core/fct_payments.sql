{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='payment_id',
        on_schema_change='append_new_columns',
    )
}}

select s.*, m.label as method_label, s.amount * m.fee_percent / 100 as fee
from {{ ref('int_payments_settled') }} as s
left join {{ ref('payment_methods') }} as m on m.method = s.method
{% if is_incremental() %}
where s.paid_at >= (select max(paid_at) - interval '30 days' from {{ this }})
{% endif %}
