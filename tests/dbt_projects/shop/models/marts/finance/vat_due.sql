select
    c.code as country_code,
    c.name as country,
    coalesce(sum(o.gross - o.net), 0) as vat,
    string_agg(distinct o.channel, ',') as channels
from {{ ref('countries') }} c
left join (
    select f.net, f.gross, f.channel, cu.country_code
    from {{ ref('fct_orders') }} f, {{ ref('stg_customers') }} cu
    where f.customer_id = cu.customer_id and f.payment_state = 'paid'
) o on o.country_code = c.code
group by c.code, c.name
