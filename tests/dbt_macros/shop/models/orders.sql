{{ config(materialized='table', meta={'since': modules.datetime.date(2024, 2, 29), 'per': {1: 2.5}}) }}
-- 'quoted' "twice" $$ ; \ ^ \n {{ "{{" }} 100 % 😀 airflow_catalog: {"format": 1}
select o.id, o.note, o.cents, '\d+^$;' as pattern, v.seen_at
from {{ ref('stg_orders') }} as o
left join {{ source('web', 'visits') }} as v on v.id = o.id
