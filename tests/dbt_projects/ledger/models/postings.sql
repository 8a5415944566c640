select *
from (
    select entry_id, account_id, booked_on, "Kind", "Amount" * sign as amount, label, reference, "Dept"
    from {{ ref('entries') }} join {{ ref('kinds') }} using ("Kind")
) signed
left join (
    select account_id, "Holder", "Currency" from {{ ref('accounts') }}
) held using (account_id)
