{{ config(materialized='ephemeral') }}
select id, note, cents from {{ ref('raw_orders') }}
