select * from {{ ref('takings') }} where price < 0
