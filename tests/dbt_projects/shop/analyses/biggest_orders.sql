select * from {{ ref('fct_orders') }} order by net desc limit 10
