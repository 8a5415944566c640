{{ config(enabled=target.type == 'duckdb') }}

select *, label.upper().left(3) as code
from {{ ref('postings') }}
semi join {{ ref('accounts') }} using (account_id)
anti join {{ source('files', 'holidays') }} as h on h.day = booked_on and h.is_bank_holiday
