with recursive months (month_no, starts_on, next_on) as (
    select 1, min(booked_on), cast(min(booked_on) + interval '1 month' as date) from {{ ref('entries') }}
    union all
    select month_no + 1, next_on, cast(next_on + interval '1 month' as date) from months where month_no < 3
)
select m.month_no, m.starts_on, f.rate
from months m left join {{ ref('fx_latest') }} f on f.quoted_on <= m.starts_on and f."Currency" = 'USD'
