"""Crawlers of AWS Glue: what somebody wants one to be and what is to be called for that; what its crawls change.

* `request`: what people write, as CreateCrawler takes it. `validity`: why AWS would refuse it.
* `canonical`: one form for what is wanted and what GetCrawler answers. `plan`: in what they differ, and what to call.
* `snapshot`: tables before a crawl, compared with those after it. `restoring`: words that a crawl wiped, put back.

None of these looks anywhere or calls anything. `account` has the calls; `applying` and `keeping` carry out.
"""
