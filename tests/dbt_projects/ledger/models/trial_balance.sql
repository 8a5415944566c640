select
    "Dept",
    "Currency",
    grouping("Currency") as is_total,
    sum("amountEUR") as "Total",
    sum("amountEUR") filter (where "Kind" = 'D') as debits,
    {% for dept in var('departments') -%}
    max(case "Dept" when '{{ dept }}' then "amountEUR" end) as "largest_{{ dept }}"{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('postings_eur') }}
group by grouping sets (("Dept", "Currency"), ("Dept"))
