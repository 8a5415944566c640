{{
    config(
        materialized='incremental',
        incremental_strategy='microbatch',
        unique_key='event_id' if target.type == 'postgres' else none,
        event_time='happened_at',
        begin='2024-01-01',
        batch_size='year',
        lookback=1,
    )
}}

select event_id, visitor, customer_id, event, split_part(page, '/', 2) as section, happened_at
from {{ ref('stg_web_events') }}
