{{ config(materialized='ephemeral') }}

{% if target.type == 'postgres' %}
select distinct on (base) base as "Currency", rate, quoted_on
from {{ source('bank', 'fx_rates') }}
order by base, quoted_on desc
{% else %}
select base as "Currency", rate, quoted_on
from {{ source('bank', 'fx_rates') }}
qualify row_number() over (partition by base order by quoted_on desc) = 1
{% endif %}
