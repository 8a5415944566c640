from __future__ import annotations

import json
from typing import Any

import pytest

from tests.glue import crawls
from tests.glue.crawls import Crawlers
from tests.glue.orders import refusal
from tests.glue.server import GlueServer

TARGETS = {"S3Targets": [{"Path": "s3://b/raw"}]}
RAW: dict[str, Any] = {"Name": "raw", "Role": "reader", "DatabaseName": "sales", "Targets": TARGETS}
LOG = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
OTHER_KINDS = ("Jdbc", "MongoDB", "DynamoDB", "Catalog", "Delta", "Iceberg", "Hudi")
ONLY_LOG = (
    'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior value '
    "and LOG UpdateBehavior value."
)
ARN = "arn:aws:glue:eu-west-1:111122223333:crawler/raw"
JDBC = {"JdbcTargets": [{"ConnectionName": "c", "Path": "db/%"}]}
CATALOG = {"CatalogTargets": [{"DatabaseName": "sales", "Tables": ["orders"]}]}


@pytest.fixture
def crawler(glue: Any) -> Any:
    glue.create_crawler(**RAW)
    return glue


def raw(glue: Any) -> dict[str, Any]:
    found: dict[str, Any] = glue.get_crawler(Name="raw")["Crawler"]
    return found


def states(glue: Any, looks: int) -> list[str]:
    return [raw(glue)["State"] for _ in range(looks)]


def test_a_crawler_that_was_told_little_says_all_that_it_will_do(crawler: Any) -> None:
    found = raw(crawler)
    assert found.pop("CreationTime") == found.pop("LastUpdated")
    assert found == {
        **RAW,
        "Targets": {
            "S3Targets": [{"Path": "s3://b/raw", "Exclusions": []}],
            **{f"{kind}Targets": [] for kind in OTHER_KINDS},
        },
        "Classifiers": [],
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
        "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
        "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
        "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
        "State": "READY",
        "CrawlElapsedTime": 0,
        "Version": 1,
    }


def test_a_role_is_kept_by_its_name_alone(glue: Any) -> None:
    glue.create_crawler(**{**RAW, "Role": "arn:aws:iam::111122223333:role/service/reader"})
    assert raw(glue)["Role"] == "service/reader"


def test_a_name_is_that_of_one_crawler(crawler: Any) -> None:
    assert refusal(crawler.create_crawler, **RAW)[:2] == (
        "AlreadyExistsException",
        "Crawler with name raw already exists",
    )
    for call in (crawler.get_crawler, crawler.update_crawler, crawler.start_crawler, crawler.delete_crawler):
        refused = refusal(call, Name="none")
        assert refused[:2] == ("EntityNotFoundException", "Crawler entry with name none does not exist")


def test_an_update_leaves_what_it_says_nothing_of(crawler: Any) -> None:
    before = raw(crawler)
    crawler.update_crawler(Name="raw", Description="raw files", SchemaChangePolicy={"UpdateBehavior": "LOG"})
    after = raw(crawler)
    assert after["SchemaChangePolicy"] == {"UpdateBehavior": "LOG", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}
    assert {**after, "SchemaChangePolicy": before["SchemaChangePolicy"], "LastUpdated": before["LastUpdated"]} == {
        **before,
        "Description": "raw files",
        "Version": 2,
    }


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"Targets": {}}, "At least one target must be specified."),
        ({"Targets": {"S3Targets": []}}, "At least one target must be specified."),
        ({"Role": ""}, "Role cannot be null or empty."),
        (
            {"DatabaseName": ""},
            "You must provide the DatabaseName parameter when you specify a non-catalog targeted crawler.",
        ),
        ({"Targets": {"S3Targets": [{"Path": "/raw"}]}}, "Invalid S3 Target Path"),
        ({"Targets": {"JdbcTargets": [{"Path": "db/%"}]}}, "Connection name cannot be equal to null or empty."),
        (
            {"Targets": {"DynamoDBTargets": [{"Path": "t", "scanRate": 2.0}]}},
            "Invalid scan rate value. Valid values are between 0.1 to 1.5",
        ),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}, ONLY_LOG),
        (
            {
                "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
                "SchemaChangePolicy": LOG,
                "Targets": JDBC,
            },
            'RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.',
        ),
        (
            {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}},
            "Event queue ARN is required when event crawler is selected.",
        ),
        (
            {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}, "Targets": JDBC},
            "Event crawlers can only have Amazon S3 targets or catalog targets.",
        ),
        (
            {"Targets": CATALOG},
            "The SchemaChangePolicy for catalog targets can have only LOG DeleteBehavior value.",
        ),
        ({"Schedule": "rate(1 day)"}, "Invalid schedule cron expression. Expected format: Cron(CRON_EXPRESSION)"),
        ({"Schedule": "cron(0 10 1 * MON *)"}, "Invalid schedule cron expression: cron(0 10 1 * MON *)"),
        ({"Schedule": "cron(0 10 ? * ? *)"}, "Invalid schedule cron expression: cron(0 10 ? * ? *)"),
        ({"Schedule": "cron(0 10)"}, "Invalid schedule cron expression: cron(0 10)"),
        (
            {"Schedule": "cron(*/2 * * * ? *)"},
            "Invalid schedule cron expression: cron(*/2 * * * ? *) runs more often than every 5 minutes",
        ),
        ({"Configuration": "{"}, "Crawler configuration not valid: Error parsing JSON"),
        (
            {"Configuration": "{}"},
            "Crawler configuration not valid: Crawler configuration missing required key: Version.",
        ),
        (
            {"Configuration": '{"Version": "1.0"}'},
            "Crawler configuration not valid: Version type invalid: expected Double, received String",
        ),
    ],
)
def test_what_glue_refuses_it_refuses_of_a_new_crawler_and_of_an_update(
    crawler: Any, told: dict[str, Any], said: str
) -> None:
    before = raw(crawler)
    assert refusal(crawler.create_crawler, **{**RAW, **told, "Name": "other"})[:2] == ("InvalidInputException", said)
    assert refusal(crawler.update_crawler, Name="raw", **told)[:2] == ("InvalidInputException", said)
    assert raw(crawler) == before
    assert crawler.list_crawlers()["CrawlerNames"] == ["raw"]


@pytest.mark.parametrize(
    "told",
    [
        {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}, "SchemaChangePolicy": LOG},
        {
            "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"},
            "Targets": {"S3Targets": [{"Path": "s3://b/", "EventQueueArn": "arn:aws:sqs:eu-west-1:1:q"}]},
        },
        {"Targets": CATALOG, "SchemaChangePolicy": LOG, "DatabaseName": ""},
        {"Targets": {"S3Targets": [{"Path": "b/raw", "Exclusions": ["**/_*"], "SampleSize": 3}], **JDBC}},
        {"Schedule": "Cron(15 12 * * ? *)"},
        {"Schedule": "cron(*/5 * ? * MON-FRI *)"},
        {"Configuration": json.dumps({"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 5}}})},
    ],
)
def test_what_glue_allows_is_allowed(crawler: Any, told: dict[str, Any]) -> None:
    crawler.update_crawler(Name="raw", **told)
    crawler.create_crawler(**{**RAW, **told, "Name": "other"})


def test_a_crawl_does_what_was_planned_and_ends(server: GlueServer, sales: Any) -> None:
    sales.create_crawler(**RAW)

    def effect() -> None:
        server.call("CreateTable", DatabaseName="sales", TableInput={"Name": "found"})
        server.call("UpdateTable", DatabaseName="sales", TableInput={"Name": "orders"})

    crawls.plan(server.state, "raw", effect, looks=2)
    sales.start_crawler(Name="raw")
    assert refusal(sales.start_crawler, Name="raw")[:2] == (
        "CrawlerRunningException",
        "Crawler with name raw has already started",
    )
    assert states(sales, 2) == ["RUNNING", "RUNNING"]
    assert sales.get_table(DatabaseName="sales", Name="found")
    assert states(sales, 2) == ["STOPPING", "READY"]
    assert raw(sales)["LastCrawl"]["Status"] == "SUCCEEDED"
    (crawl,) = sales.list_crawls(CrawlerName="raw")["Crawls"]
    assert crawl["State"] == "COMPLETED"
    assert json.loads(crawl["Summary"]) == {"TABLE": {"ADD": '{"Count": 1}', "UPDATE": '{"Count": 1}'}}
    (metrics,) = sales.get_crawler_metrics(CrawlerNameList=["raw"])["CrawlerMetricsList"]
    assert [metrics[f"Tables{each}"] for each in ("Created", "Updated", "Deleted")] == [1, 1, 0]


def test_a_crawl_may_fail(server: GlueServer, crawler: Any) -> None:
    crawls.plan(server.state, "raw", error="Insufficient Lake Formation permission(s)")
    crawler.start_crawler(Name="raw")
    assert states(crawler, 3) == ["RUNNING", "STOPPING", "READY"]
    last = raw(crawler)["LastCrawl"]
    assert (last["Status"], last["ErrorMessage"]) == ("FAILED", "Insufficient Lake Formation permission(s)")
    failed = [{"FieldName": "STATE", "FilterOperator": "EQ", "FieldValue": "FAILED"}]
    assert len(crawler.list_crawls(CrawlerName="raw", Filters=failed)["Crawls"]) == 1
    others = [{**failed[0], "FilterOperator": "NE"}]
    assert crawler.list_crawls(CrawlerName="raw", Filters=others)["Crawls"] == []


def test_a_crawl_that_is_stopped_does_nothing(server: GlueServer, crawler: Any) -> None:
    crawls.plan(server.state, "raw", lambda: pytest.fail("it was stopped"), looks=9)
    assert refusal(crawler.stop_crawler, Name="raw").code == "CrawlerNotRunningException"
    crawler.start_crawler(Name="raw")
    crawler.stop_crawler(Name="raw")
    assert refusal(crawler.stop_crawler, Name="raw").code == "CrawlerStoppingException"
    assert states(crawler, 2) == ["STOPPING", "READY"]
    assert raw(crawler)["LastCrawl"]["Status"] == "CANCELLED"
    assert crawler.list_crawls(CrawlerName="raw")["Crawls"][0]["State"] == "STOPPED"


def test_a_crawler_that_runs_is_neither_updated_nor_deleted(server: GlueServer, crawler: Any) -> None:
    crawler.start_crawler(Name="raw")
    for code in ("CrawlerRunningException", "InvalidInputException"):
        server.state.of(Crawlers).busy = code
        assert refusal(crawler.update_crawler, Name="raw", Description="new")[:2] == (
            code,
            "Cannot update Crawler while running. Please stop crawl or wait until it completes to update.",
        )
    assert refusal(crawler.delete_crawler, Name="raw").code == "CrawlerRunningException"
    states(crawler, 2)
    crawler.update_crawler(Name="raw", Description="new")
    crawler.delete_crawler(Name="raw")
    assert crawler.get_crawlers()["Crawlers"] == []


def test_a_schedule_is_on_its_way_for_a_look(crawler: Any) -> None:
    assert refusal(crawler.start_crawler_schedule, CrawlerName="raw").code == "NoScheduleException"
    crawler.update_crawler_schedule(CrawlerName="raw", Schedule="cron(0 1 * * ? *)")
    scheduled = {"ScheduleExpression": "cron(0 1 * * ? *)", "State": "SCHEDULED"}
    assert raw(crawler)["Schedule"] == scheduled
    assert refusal(crawler.start_crawler_schedule, CrawlerName="raw").code == "SchedulerRunningException"
    crawler.stop_crawler_schedule(CrawlerName="raw")
    refused = refusal(crawler.start_crawler_schedule, CrawlerName="raw")
    assert refused.code == "SchedulerTransitioningException"
    assert refusal(crawler.delete_crawler, Name="raw").code == "SchedulerTransitioningException"
    assert [raw(crawler)["Schedule"]["State"] for _ in range(2)] == ["TRANSITIONING", "NOT_SCHEDULED"]
    assert refusal(crawler.stop_crawler_schedule, CrawlerName="raw").code == "SchedulerNotRunningException"
    crawler.start_crawler_schedule(CrawlerName="raw")
    assert [raw(crawler)["Schedule"]["State"] for _ in range(2)] == ["TRANSITIONING", "SCHEDULED"]
    crawler.update_crawler(Name="raw", Schedule="")
    assert "Schedule" not in raw(crawler)
    refused = refusal(crawler.update_crawler_schedule, CrawlerName="raw", Schedule="daily")
    assert refused.code == "InvalidInputException"


def test_crawlers_are_listed_by_name_tag_and_page(server: GlueServer, glue: Any) -> None:
    for number in range(103):
        server.call("CreateCrawler", **{**RAW, "Name": f"c{number:03}", "Tags": {"odd": str(number % 2)}})
    first = glue.list_crawlers(MaxResults=1000)
    rest = glue.list_crawlers(NextToken=first["NextToken"])
    assert [len(page["CrawlerNames"]) for page in (first, rest)] == [100, 3]
    assert len(glue.list_crawlers(Tags={"odd": "1"})["CrawlerNames"]) == 51
    pages = list(glue.get_paginator("get_crawlers").paginate())
    assert [len(page["Crawlers"]) for page in pages] == [100, 3]
    answer = glue.batch_get_crawlers(CrawlerNames=["c007", "none"])
    assert [each["Name"] for each in answer["Crawlers"]] == ["c007"]
    assert answer["CrawlersNotFound"] == ["none"]


def test_a_role_that_may_not_be_passed_is_named(server: GlueServer, glue: Any) -> None:
    server.deny("iam:PassRole")
    role = "arn:aws:iam::111122223333:role/reader"
    refused = refusal(glue.create_crawler, **{**RAW, "Role": role})
    assert refused.code == "AccessDeniedException"
    assert f"is not authorized to perform: iam:PassRole on resource: {role}" in refused.message


def test_what_is_denied_of_a_crawler_names_the_crawler(server: GlueServer, crawler: Any) -> None:
    server.deny("glue:StartCrawler")
    refused = refusal(crawler.start_crawler, Name="raw")
    assert f"glue:StartCrawler on resource: {ARN} because" in refused.message
