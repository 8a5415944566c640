{{ config(materialized='view') }}

select
    tagged."Id" as entry_id,
    tagged."AccountId" as account_id,
    tagged."bookedAt",
    tagged.booked_on,
    tagged."Amount",
    tagged."Kind",
    tagged.payload ->> 'ref' as reference,
    tagged.payload ->> 'dept' as "Dept",
    {{ inside('tagged.payload', ['party', 'name']) }} as party
from (
    select deep.*, cast(deep."bookedAt" as date) as booked_on
    from (
        select * from {{ source('bank', 'entries') }} where "Amount" <> 0
    ) deep
) tagged
