select
    account_id,
    booked_on,
    coalesce(came.total, 0) as came_in,
    coalesce(went.total, 0) as went_out,
    sum(coalesce(came.total, 0) - coalesce(went.total, 0)) over (partition by account_id order by booked_on) as balance
from (
    select account_id, booked_on, sum(amount) as total
    from {{ ref('postings') }}
    where amount > 0
    group by account_id, booked_on
) came
full join (
    select account_id, booked_on, -sum(amount) as total from {{ ref('postings') }} where amount < 0 group by 1, 2
) went using (account_id, booked_on)
