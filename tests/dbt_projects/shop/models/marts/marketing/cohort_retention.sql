with cohorts as (
    select customer_id, {{ dbt.date_trunc('month', 'signed_up_at') }} as cohort
    from {{ ref('dim_customers') }}
),

activity as (
    select distinct customer_id, {{ dbt.date_trunc('month', 'ordered_at') }} as month
    from {{ ref('fct_orders') }}
)

select
    cohort,
    month,
    {{ dbt.datediff('cohort', 'month', 'month') }} as age,
    count(distinct activity.customer_id) as customers,
    max(sizes.size) as cohort_size
from cohorts
join activity on activity.customer_id = cohorts.customer_id
join (select cohort, count(customer_id) as size from cohorts group by cohort) as sizes using (cohort)
group by cohort, month
