{{
    config(
        enabled=target.type == 'duckdb',
        materialized='external',
        location=env_var('LEDGER_OUT', env_var('LEDGER_FILES', 'files')) ~ '/duck_file.parquet',
    )
}}

select h.day, h.label, count(e.entry_id) as entries, max(e."Amount") as "Largest"
from {{ source('files', 'holidays') }} as h
left join {{ ref('entries') }} as e on e.booked_on = h.day
group by h.day, h.label
