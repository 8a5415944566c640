{% if target.type == 'postgres' %}
select b."Dept", m.month, m.planned
from {{ source('bank', 'budgets') }} b
cross join lateral (values ('jan', b.jan), ('feb', b.feb), ('mar', b.mar)) as m (month, planned)
{% else %}
select "Dept", month, planned
from (unpivot {{ source('bank', 'budgets') }} on jan, feb, mar into name month value planned)
{% endif %}
