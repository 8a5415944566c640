{{ config(enabled=target.type == 'duckdb') }}

select "Dept", label, sum(amount) as total, any_value("Holder") as holder, fsum(amount) as exactly
from (
    select * exclude (account_id) replace (abs(amount) as amount) from {{ ref('postings') }}
    union all by name
    select "Dept", 'plan' as label, planned as amount from {{ ref('budgets_long') }}
)
group by all
order by all
