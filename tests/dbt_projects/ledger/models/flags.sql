select
    a.account_id,
    exists (select * from {{ ref('entries') }} e where e.account_id = a.account_id and e."Kind" = 'D') as "hasDebits",
    case
        when exists (select * from {{ ref('fx_latest') }} f where f."Currency" = a."Currency") then 'priced'
        else a."Currency"
    end as pricing
from {{ ref('accounts') }} a
