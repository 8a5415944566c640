{{ config(severity='warn', tags=['money']) }}

select sku, margin from {{ ref('margin_by_product') }} where margin < {{ var('margin_floor') }}
