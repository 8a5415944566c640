with months as (
    select month, {{ sums_by('channel', var('channels'), 'net', 'net_') }}
    from {{ ref('revenue_monthly') }}
    group by month
)

select
    months.*,
    {% for channel in var('channels') -%}
    net_{{ channel }} {{ '+ ' if not loop.last }}
    {%- endfor %} as net_total
from months
