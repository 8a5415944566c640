select
    plan."Dept",
    centre."Manager",
    plan.planned,
    used.spent,
    used.spent > plan.planned as "isOver",
    least(plan.planned, centre."limit") as allowed
from (select "Dept", sum(planned) as planned from {{ ref('budgets_long') }} group by "Dept") plan
natural join (select "Dept", sum(abs("amountEUR")) as spent from {{ ref('postings_eur') }} group by "Dept") used
join {{ ref('cost_centres') }} centre on centre."Dept" = plan."Dept"
