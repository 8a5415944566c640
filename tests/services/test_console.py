"""Where datasets are looked at in consoles, as golden pairs."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.console import console_links

EU = "https://eu-west-1.console.aws.amazon.com/glue/home?region=eu-west-1#/v2/data-catalog/tables/view"
CN = "https://cn-north-1.console.amazonaws.cn/glue/home?region=cn-north-1#/v2/data-catalog/tables/view"
GOV = "https://us-gov-west-1.console.amazonaws-us-gov.com/glue/home?region=us-gov-west-1#/v2/data-catalog/tables/view"


@pytest.mark.parametrize(
    ("namespace", "name", "url"),
    [
        ("arn:aws:glue:eu-west-1:1", "table/db/t", f"{EU}/t?database=db&catalogId=1"),
        ("arn:aws-cn:glue:cn-north-1:1", "table/db/t", f"{CN}/t?database=db&catalogId=1"),
        ("arn:aws-us-gov:glue:us-gov-west-1:1", "table/db/t", f"{GOV}/t?database=db&catalogId=1"),
        ("arn:aws:glue:eu-west-1:1", "table/d&b/#t ü", f"{EU}/%23t%20%C3%BC?database=d%26b&catalogId=1"),
        ("s3://lake", "sales/orders", "https://s3.console.aws.amazon.com/s3/buckets/lake?prefix=sales%2Forders"),
        ("s3://lake", "/", "https://s3.console.aws.amazon.com/s3/buckets/lake?prefix="),
        ("arn:aws-iso:glue:us-iso-east-1:1", "table/db/t", None),
        ("glue://", "table/db/t", None),
        ("postgres://h:5432", "db.public.t", None),
    ],
)
def test_a_name_leads_to_its_page(namespace: str, name: str, url: str | None) -> None:
    assert [link.url for link in console_links([DatasetId(namespace, name)])] == ([url] if url else [])


def test_all_names_of_a_dataset_have_their_pages_once() -> None:
    names = [DatasetId("s3://lake", "a"), DatasetId("arn:aws:glue:eu-west-1:1", "table/db/t")]
    assert [link.name for link in console_links([*names, *names])] == ["Amazon S3", "AWS Glue"]
