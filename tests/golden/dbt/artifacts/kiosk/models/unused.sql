select currency from {{ ref('rates') }}
