-- Where the columns of `using` stand in a star is for each database to say.
select *
from (
    select *
    from (select entry_id, account_id, amount, booked_on from {{ ref('postings') }}) moved
    join (select account_id, booked_on, balance from {{ ref('balances') }}) stood using (account_id, booked_on)
) closing ({{ 'account, day, entry, amount, balance' if target.type == 'postgres' else 'entry, account, amount, day, balance' }})
