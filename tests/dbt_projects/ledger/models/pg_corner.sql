{{ config(enabled=target.type == 'postgres') }}

select
    e.account_id,
    t.tag,
    t.place,
    (array_agg(e.reference order by e."bookedAt" desc))[1] as last_reference,
    percentile_cont(0.5) within group (order by e."Amount") as middle,
    string_agg(distinct r.ref, ', ') as refs,
    max(length(e.party)) filter (where e.party <> '') as longest_party
from {{ ref('entries') }} e
join {{ source('bank', 'entries') }} x on x."Id" = e.entry_id
cross join lateral json_array_elements_text(x.payload -> 'tags') with ordinality as t (tag, place)
cross join lateral json_to_record(x.payload) as r (ref text, dept text)
group by e.account_id, t.tag, t.place
