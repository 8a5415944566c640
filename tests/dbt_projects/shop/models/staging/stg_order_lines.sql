select
    order_id,
    line_no,
    {{ dbt.concat(['cast(order_id as ' ~ dbt.type_string() ~ ')', "'-'", 'cast(line_no as ' ~ dbt.type_string() ~ ')']) }} as line_key,
    sku,
    quantity,
    unit_cents,
    discount_percent,
    quantity * unit_cents as gross_cents,
    quantity * unit_cents * (100 - discount_percent) / 100.0 as net_cents
from {{ source('shop_db', 'order_lines') }}
