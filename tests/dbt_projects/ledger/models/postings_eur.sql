select p.*, round(p.amount * f.rate, 2) "amountEUR", f.quoted_on as "rateOf"
from {{ ref('postings') }} p, {{ ref('fx_latest') }} f
where f."Currency" = p."Currency"
