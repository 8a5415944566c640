-- The prices of the shop before this one were never declared as a source.
select sku, list_price as price, 'current' as origin
from {{ ref('stg_products') }}

union all

select old.sku, cast(old.cents / 100.0 as numeric(16, 2)), 'legacy'
from raw_shop.legacy_prices as old
where not exists (select 1 from {{ ref('stg_products') }} as p where p.sku = old.sku)
