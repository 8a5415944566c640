select
    day,
    {{ dbt.date_trunc('week', 'day') }} as week,
    {{ dbt.date_trunc('month', 'day') }} as month,
    {{ dbt.date_trunc('quarter', 'day') }} as quarter,
    extract(year from day) as year,
    extract(isodow from day) in (6, 7) as is_weekend,
    {{ dbt.last_day('day', 'month') }} as month_ends_on,
    '{{ project_name }}' as calendar
from {{ ref('tidy', 'tidy_days') }}
