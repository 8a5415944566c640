{{ config(materialized='incremental', unique_key='id') }}
select id, cents from {{ ref('orders') }}
