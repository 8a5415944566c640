-- Everybody who ever stood on the other side, but for those who have an account.
(select party as name from {{ ref('entries') }} union select reference from {{ ref('entries') }} where false)
except
select "Holder" from {{ ref('accounts') }}
