with recursive days as (
    select cast('{{ var("first_day", "2024-01-01") }}' as date) as day, 0 as day_no

    union all

    select cast(day + interval '1 day' as date), day_no + 1
    from days
    where day_no < 499
)

select day, day_no
from days
