{{ config(materialized='view') }}

select
    a."Id" as account_id,
    a."Holder Name" as "Holder",
    upper(a."Currency") as "Currency",
    a."openedOn",
    (select max(e."bookedAt") from {{ source('bank', 'entries') }} e where e."AccountId" = a."Id") as "lastBookedAt",
    a."closedOn" is null and a."openedOn" <= current_date as "isOpen"
from {{ source('bank', 'accounts') }} a
