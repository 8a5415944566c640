{{ config(materialized='incremental', unique_key='entry_id', incremental_strategy='delete+insert') }}

select s.entry_id, s."Holder" as "holderName", s.balance_then, s."amountEUR"
from (
    select p.*, b.balance as balance_then
    from {{ ref('postings_eur') }} p left join {{ ref('balances') }} b
        on (b.account_id, b.booked_on) = (p.account_id, p.booked_on)
) s
{% if is_incremental() %}
where s.entry_id >= (select coalesce(max(entry_id), 0) from {{ this }})
{% endif %}
