select * from {{ ref('per_item') }} order by total desc limit 1
