select till_id, store, opened_on from {{ source('pos', 'tills') }}
