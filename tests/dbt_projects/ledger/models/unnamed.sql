-- Nobody gave these columns a name, so each database does.
select "Kind", max("Amount"), count(*), min(booked_on)::date
from {{ ref('entries') }}
group by "Kind"
