"""What AWS would refuse, from golden data: adding a case is adding a line to tests/golden/glue/crawlers/validity.json.

The strict server agrees with each, but where `aws` is false: it does not know that rule, or boto3 cannot send it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from airflow_provider_catalog.targets.glue.crawlers.plan import plan, whole
from airflow_provider_catalog.targets.glue.crawlers.validity import CrawlerInvalid, faults, read
from tests.glue.server import GlueServer

GOLDEN = Path(__file__).parents[3] / "golden" / "glue" / "crawlers" / "validity.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
LEAST = {"Role": "reader", "DatabaseName": "sales", "Targets": {"S3Targets": [{"Path": "s3://b/raw"}]}}


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with GlueServer() as server:
        yield server.client(parameter_validation=False)
    assert not server.failures


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_aws_would_refuse_is_explained(case: Any, client: Any) -> None:
    stated = {"Name": case["title"], **LEAST, **case["stated"]}
    request = read(stated)
    assert list(faults(whole(request, None))) == case["faults"]
    if case.get("aws", True):
        assert refused_by(client, request) is bool(case["faults"])


def refused_by(client: Any, request: Any) -> bool:
    try:
        client.create_crawler(**plan(request, None).request)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return False


def test_members_that_aws_does_not_know_are_not_lost_in_silence() -> None:
    stated = {"Name": "raw", **LEAST, "Prefix": "x", "Targets": {"S3Targets": [{"Path": "s3://b", "Exclude": ["a"]}]}}
    with pytest.raises(CrawlerInvalid) as caught:
        read(stated)
    assert caught.value.reasons == (
        "Targets.S3Targets.Exclude is no member that AWS knows",
        "Prefix is no member that AWS knows",
    )


@pytest.mark.parametrize("name", [None, "", 7])
def test_a_crawler_has_a_name(name: Any) -> None:
    with pytest.raises(CrawlerInvalid, match="what is the crawler called"):
        read({**LEAST, "Name": name})


def test_what_is_not_stated_counts_as_it_is() -> None:
    """An update is refused for what the crawler was told before."""
    actual = {**LEAST, "Name": "raw", "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}
    wanted = read({"Name": "raw", "SchemaChangePolicy": {"UpdateBehavior": "LOG"}})
    assert [each[:22] for each in faults(whole(wanted, actual))] == ["CRAWL_NEW_FOLDERS_ONLY"]


def test_there_are_fifty_tags_at_most() -> None:
    request = read({"Name": "raw", **LEAST, "Tags": {str(each): "x" for each in range(51)}})
    assert faults(whole(request, None)) == ("there are 51 tags, and AWS takes 50",)
