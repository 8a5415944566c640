"""Plans from golden data: adding a case is adding a line to tests/golden/glue/crawlers/plan.json.

`told`: what a crawler was made with, beside the least that there has to be; `answered`: what AWS says of it
besides. Each plan is carried out, and has to leave nothing to plan.

`UPDATE_GOLDEN=1 pytest tests/targets/glue/crawlers` writes what is expected anew: read the difference first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.crawlers import tags
from airflow_provider_catalog.targets.glue.crawlers.plan import CrawlerPlan, plan, whole
from airflow_provider_catalog.targets.glue.crawlers.request import words
from airflow_provider_catalog.targets.glue.crawlers.validity import faults, read
from tests.glue.server import GlueServer

GOLDEN = Path(__file__).parents[3] / "golden" / "glue" / "crawlers" / "plan.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
LEAST = {"Name": "raw", "Role": "reader", "DatabaseName": "sales", "Targets": {"S3Targets": [{"Path": "s3://b/raw"}]}}


@pytest.fixture(scope="module")
def server() -> Iterator[GlueServer]:
    with GlueServer() as server:
        yield server
    assert not server.failures


def as_json(planned: CrawlerPlan) -> Any:
    request = {name: value for name, value in planned.request.items() if name != "Name"}
    told = {"kind": planned.kind, "request": request, "changes": planned.changes}
    return json.loads(json.dumps({name: value for name, value in told.items() if value}))


def written(server: GlueServer, request: Any) -> Any:
    """The crawler as GetCrawler answers it, made of nothing."""
    if server.call("BatchGetCrawlers", CrawlerNames=["raw"])["Crawlers"]:
        server.call("DeleteCrawler", Name="raw")
    server.call("CreateCrawler", **plan(request, None).request)
    return server.call("GetCrawler", Name="raw")["Crawler"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_crawler_becomes_what_it_is_to_be_by_as_little_as_that_takes(case: Any, server: GlueServer) -> None:
    wanted = read({**LEAST, **case["told"], **case["wanted"]})
    actual = {**written(server, read({**LEAST, **case["told"]})), **case.get("answered", {})}
    planned = plan(wanted, actual)
    if os.environ.get("UPDATE_GOLDEN"):
        case["expected"] = as_json(planned)
        lines = ",\n ".join(json.dumps(each, ensure_ascii=False) for each in CASES)
        GOLDEN.write_text(f"[\n {lines}\n]\n", encoding="utf-8")
    assert as_json(planned) == case["expected"]
    assert not faults(whole(wanted, actual))
    if planned.kind == "update":
        server.call("UpdateCrawler", **planned.request)
        assert plan(wanted, server.call("GetCrawler", Name="raw")["Crawler"]).kind == "nothing"


def test_a_new_crawler_is_told_all_that_is_wanted_and_nothing_that_is_none(server: GlueServer) -> None:
    stated = {**LEAST, "Schedule": None, "SchemaChangePolicy": {"DeleteBehavior": "LOG"}, "Tags": {"team": "sales"}}
    planned = plan(read(stated), None)
    assert planned == CrawlerPlan(
        "create",
        {
            **LEAST,
            "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
            "Tags": {"team": "sales"},
        },
    )


def test_a_folder_and_a_database_are_enough_to_say() -> None:
    made = words(database="sales", role="reader", paths=["s3://b/raw", "s3://b/x"], exclusions=["**/_*"])
    assert made == {
        "Name": "sales-crawler",
        "Role": "reader",
        "DatabaseName": "sales",
        "Targets": {"S3Targets": [{"Path": path, "Exclusions": ["**/_*"]} for path in ("s3://b/raw", "s3://b/x")]},
    }
    assert words(database="sales", paths="s3://b/raw")["Targets"] == LEAST["Targets"]


def test_what_get_crawler_answers_may_be_what_is_wanted(server: GlueServer) -> None:
    """So that a crawler can be copied from one account to another."""
    actual = written(server, read({**LEAST, "Schedule": "cron(0 2 * * ? *)"}))
    copied = {name: value for name, value in actual.items() if name in {*LEAST, "Schedule", "RecrawlPolicy"}}
    assert plan(read(copied), actual).kind == "nothing"


PATHS = st.sampled_from(["s3://b/1", "s3://b/2", "s3://c/", "d/t"])
TEXTS = st.lists(st.sampled_from(["a", "b", "**/_*"]), max_size=3, unique=True)
TARGETS = st.fixed_dictionaries(
    {"S3Targets": st.lists(st.fixed_dictionaries({"Path": PATHS}, optional={"Exclusions": TEXTS}), min_size=1)},
    optional={
        "DynamoDBTargets": st.lists(st.fixed_dictionaries({"Path": PATHS}, optional={"scanAll": st.booleans()})),
        "IcebergTargets": st.lists(st.fixed_dictionaries({"Paths": TEXTS}, optional={"Exclusions": TEXTS})),
    },
)
CRAWLERS = st.fixed_dictionaries(
    {"Targets": TARGETS},
    optional={
        "Description": st.sampled_from(["", "raw", None]),
        "Schedule": st.sampled_from(["cron(0 2 * * ? *)", "cron(5 * * * ? *)", None]),
        "Classifiers": TEXTS,
        "Configuration": st.sampled_from([None, {"Version": 1.0}, {"Version": 1, "CreatePartitionIndex": False}]),
        "SchemaChangePolicy": st.sampled_from([None, {"UpdateBehavior": "LOG"}, {"DeleteBehavior": "LOG"}]),
        "LineageConfiguration": st.sampled_from([None, {"CrawlerLineageSettings": "ENABLE"}]),
    },
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=CRAWLERS, second=CRAWLERS, random=st.randoms(use_true_random=False))
def test_any_crawler_becomes_any_other_in_one_call_and_then_costs_none(
    server: GlueServer, first: Any, second: Any, random: Any
) -> None:
    written(server, read({**LEAST, **first}))
    wanted = read({**LEAST, **second})
    planned = plan(wanted, server.call("GetCrawler", Name="raw")["Crawler"])
    if planned.kind == "update":
        server.call("UpdateCrawler", **planned.request)
    for kind in wanted["Targets"].values():
        random.shuffle(kind)
        for target in kind:
            random.shuffle(target.get("Exclusions", []))
    assert plan(wanted, server.call("GetCrawler", Name="raw")["Crawler"]) == CrawlerPlan("nothing")


def test_tags_become_those_that_are_stated_but_for_those_of_aws() -> None:
    there = {"team": "a", "old": "x", "aws:cloudformation:stack": "s", "same": "1"}
    planned = tags.plan({"team": "b", "new": "y", "same": "1"}, there)
    assert (planned.add, planned.remove) == ({"team": "b", "new": "y"}, ("old",))
    assert [tuple(each) for each in planned.changes(there)] == [
        ("Tags.team", "a", "b"),
        ("Tags.new", None, "y"),
        ("Tags.old", "x", None),
    ]


@pytest.mark.parametrize(
    ("partition", "region"), [("aws", "eu-west-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]
)
def test_tags_are_asked_for_in_the_partition_of_the_crawler(partition: str, region: str) -> None:
    with GlueServer(region) as server:
        server.call("CreateCrawler", **LEAST, Tags={"team": "a"})
        arn = tags.arn(partition, region, server.state.account, "raw")
        assert server.call("GetTags", ResourceArn=arn)["Tags"] == {"team": "a"}
