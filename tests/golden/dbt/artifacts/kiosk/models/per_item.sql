{{ config(materialized='table', group='money') }}
select item, sum(price) as total, count(*) as sold from {{ ref('takings') }} group by item
