{{ config(enabled=target.type == 'duckdb') }}

from {{ ref('postings_eur') }} as p
asof join {{ source('bank', 'fx_rates') }} as f on f.base = p."Currency" and f.quoted_on <= p.booked_on
left join {{ ref('entries') }} as e using (entry_id)
select
    p."Holder",
    p."amountEUR" * 0.01 as fee,
    fee + 1 as fee_and_one,
    {'party': e.party, 'day': p.booked_on} as about,
    about['party'] as "aboutParty",
    list(f.rate order by f.quoted_on) over (partition by p."Holder") as rates,
    [x * 2 for x in [p.amount, p.entry_id]] as twice,
    arg_max(p.reference, p.amount) over () as biggest
