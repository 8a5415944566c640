"""Operators of crawlers against the strict server: what they call, what they return, and what they say where they
cannot.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.providers.amazon.aws.operators.glue_crawler import GlueCrawlerRunOperator as AmazonRunOperator
from airflow.providers.amazon.aws.triggers.glue_crawler import GlueCrawlerCompleteTrigger
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred
from moto.server import ThreadedMotoServer

from airflow_provider_catalog.operators import glue_crawler
from airflow_provider_catalog.operators.glue import GlueCrawlerLink
from airflow_provider_catalog.operators.glue_crawler import GlueCrawlerApplyOperator, GlueCrawlerRunOperator
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.targets.glue.crawlers.snapshot import Snapshot
from airflow_provider_catalog.worker.merge import Merger
from tests.glue import crawls
from tests.glue.crawls import Crawlers
from tests.glue.faults import Faults
from tests.glue.orders import ORDERS
from tests.glue.server import GlueServer
from tests.operators.glue_tasks import Task, connect

DOCUMENT = Path(__file__).parents[2] / "docs" / "glue-crawlers.md"
ACCOUNT = "123456789012"
"""Whose moto says that the caller is."""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
CONFIG: dict[str, Any] = {
    "Name": "sales_db-crawler",
    "Role": ROLE,
    "DatabaseName": "sales_db",
    "Targets": {
        "S3Targets": [
            {
                "Path": "s3://data-lake/sales/",
                "Exclusions": ["**/_temporary/**", "**/.spark-staging/**", "**/tmp/**"],
            }
        ]
    },
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "Schedule": "cron(0 2 * * ? *)",
    "Configuration": {
        "Version": 1.0,
        "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"},
        "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
    },
    "Tags": {"team": "sales"},
}
WRITES = ("CreateCrawler", "UpdateCrawler", "TagResource", "UntagResource", "CreateDatabase")
RAW = {"Name": "raw", "Role": "reader", "DatabaseName": "sales", "Targets": {"S3Targets": [{"Path": "s3://bucket/"}]}}
WIPED = {
    **{name: value for name, value in ORDERS.items() if name != "Description"},
    "PartitionKeys": [{"Name": "day", "Type": "date"}, {"Name": "hour", "Type": "int"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "id", "Type": "string"}, {"Name": "total", "Type": "double"}],
        "Location": "s3://bucket/orders/",
    },
    "Parameters": {"classification": "parquet", "UPDATED_BY_CRAWLER": "raw"},
}
"""The table of ORDERS as a crawl leaves it that has seen another type."""


@pytest.fixture(scope="module")
def sts() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["eu-west-1"])
def server(request: pytest.FixtureRequest, sts: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    """By the environment, as the connection names no endpoint: who calls is another service's word."""
    with GlueServer(request.param, ACCOUNT) as server:
        connect(monkeypatch, server)
        connection = {"conn_type": "aws", "extra": {"region_name": request.param}}
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(connection))
        for name, value in {**server.environment, "AWS_ENDPOINT_URL_STS": sts}.items():
            monkeypatch.setenv(name, value)
        yield server
    assert not server.failures


def applied(task: Task | None = None, **options: Any) -> dict[str, Any]:
    stated = options or {"config": CONFIG}
    operator = GlueCrawlerApplyOperator(task_id="apply", **stated)
    done = operator.execute((task or Task()).context)
    json.dumps(done)
    return done


def written(server: GlueServer) -> dict[str, int]:
    return {name: count for name, count in server.writes.items() if name in WRITES}


# -- a crawler made what it is to be


def test_the_crawler_of_the_seed_is_made_once_and_then_costs_no_write(server: GlueServer) -> None:
    assert applied() == {
        "crawler": "sales_db-crawler",
        "state": "created",
        "changes": [{"member": "Database", "before": None, "after": "sales_db"}],
    }
    made = server.call("GetCrawler", Name="sales_db-crawler")["Crawler"]
    assert made["Schedule"] == {"ScheduleExpression": "cron(0 2 * * ? *)", "State": "SCHEDULED"}
    assert json.loads(made["Configuration"]) == CONFIG["Configuration"]
    server.forget()
    assert applied() == {"crawler": "sales_db-crawler", "state": "unchanged", "changes": []}
    assert not server.writes
    assert server.calls == {"GetCrawler": 1, "GetTags": 1, "GetDatabase": 1}


def test_the_words_of_the_seed_say_the_same(server: GlueServer) -> None:
    applied()
    server.forget()
    same = {name: CONFIG[name] for name in ("SchemaChangePolicy", "RecrawlPolicy")}
    done = applied(
        config=same,
        role="reader",
        database_name="sales_db",
        s3_path="s3://data-lake/sales/",
        exclusions=["**/tmp/**", "**/.spark-staging/**", "**/_temporary/**"],
        schedule="cron(0 2 * * ? *)",
        configuration=json.dumps(CONFIG["Configuration"]),
        tags={"team": "sales"},
    )
    assert done["state"] == "unchanged"
    assert not server.writes


def test_what_differs_is_changed_in_one_call_and_tags_by_the_arn_of_the_crawler(server: GlueServer) -> None:
    applied()
    server.forget()
    done = applied(config={**CONFIG, "Schedule": None, "Tags": {"owner": "ann"}})
    assert done == {
        "crawler": "sales_db-crawler",
        "state": "updated",
        "changes": [
            {"member": "Schedule", "before": "cron(0 2 * * ? *)", "after": ""},
            {"member": "Tags.owner", "before": None, "after": "ann"},
            {"member": "Tags.team", "before": "sales", "after": None},
        ],
    }
    assert written(server) == {"UpdateCrawler": 1, "TagResource": 1, "UntagResource": 1}
    assert server.journal[0].request == {"Name": "sales_db-crawler", "Schedule": ""}
    assert "Schedule" not in server.call("GetCrawler", Name="sales_db-crawler")["Crawler"]


@pytest.mark.parametrize("server", ["cn-north-1", "us-gov-west-1"], indirect=True)
def test_in_other_partitions_tags_and_buttons_are_those_of_the_partition(server: GlueServer) -> None:
    applied()
    assert applied(config={**CONFIG, "Tags": {}})["state"] == "updated"
    arn = server.state.arn("crawler/sales_db-crawler")
    assert server.call("GetTags", ResourceArn=arn)["Tags"] == {}
    task = Task()
    applied(task)
    link = GlueCrawlerLink().format_link(**task.pushed["catalog_glue_crawler"])
    domain = {"cn-north-1": "amazonaws.cn", "us-gov-west-1": "amazonaws-us-gov.com"}[server.state.region]
    assert link.startswith(f"https://console.{domain}/glue/home?region={server.state.region}#")
    assert link.endswith("/crawlers/view/sales_db-crawler")


def test_without_a_word_on_tags_nobody_asks_who_calls(server: GlueServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    stated = {name: value for name, value in CONFIG.items() if name != "Tags"}
    applied(config=stated)
    assert applied(config=stated)["state"] == "unchanged"
    assert server.calls["GetTags"] == 0


def test_a_database_is_not_made_for_who_does_not_want_it(server: GlueServer) -> None:
    assert applied(config=CONFIG, create_database=False)["changes"] == []
    assert written(server) == {"CreateCrawler": 1}


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"config": {**CONFIG, "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}}, "and it is UPDATE_IN"),
        ({"config": {**CONFIG, "Configuration": "{"}}, "Configuration is no JSON"),
        ({"config": {**CONFIG, "Shedule": "x"}}, "Shedule is no member that AWS knows"),
        ({"config": CONFIG, "role": "other"}, "Role is stated twice"),
        ({"role": "reader"}, "what is the crawler called"),
    ],
)
def test_what_aws_would_refuse_fails_for_good_before_anything_is_written(
    server: GlueServer, stated: dict[str, Any], said: str
) -> None:
    with pytest.raises(AirflowFailException, match=said):
        applied(**stated)
    assert not server.writes


def test_who_may_not_pass_the_role_is_told_which_right_that_is(server: GlueServer) -> None:
    server.deny("iam:PassRole")
    with pytest.raises(AirflowFailException, match=f"allow iam:PassRole on the role {ROLE} to whoever runs the task"):
        applied()


def test_faults_on_the_way_change_nothing_in_the_end(server: GlueServer) -> None:
    server.faults = Faults(seed=5, shares={"throttled": 0.2, "broken": 0.1, "broken_after": 0.1})
    for schedule in ("cron(0 2 * * ? *)", "cron(0 3 * * ? *)"):
        applied(config={**CONFIG, "Schedule": schedule})
    server.faults = Faults()
    assert applied(config={**CONFIG, "Schedule": "cron(0 3 * * ? *)"})["state"] == "unchanged"


def test_somebody_who_makes_it_meanwhile_is_planned_for(server: GlueServer) -> None:
    theirs = {**CONFIG, "Configuration": json.dumps(CONFIG["Configuration"]), "Schedule": "cron(0 9 * * ? *)"}
    server.before("CreateCrawler", once(lambda: server.call("CreateCrawler", **theirs)))
    done = applied()
    assert (done["state"], done["changes"][0]["member"]) == ("updated", "Schedule")


def once(do: Callable[[], object]) -> Callable[[Any], object]:
    left = [do]
    return lambda _request: left.pop()() if left else None


# -- one that runs


@pytest.fixture
def running(server: GlueServer) -> GlueServer:
    applied()
    crawls.plan(server.state, "sales_db-crawler", looks=4)
    server.call("StartCrawler", Name="sales_db-crawler")
    return server


CHANGED = {**CONFIG, "Schedule": "cron(0 3 * * ? *)"}


def test_a_crawler_that_runs_is_waited_for(running: GlueServer) -> None:
    assert applied(config=CHANGED, poll_interval=0, deferrable=False)["state"] == "updated"
    assert running.refusals["CrawlerRunningException"] == 0


def test_one_that_is_started_meanwhile_is_waited_for_whatever_aws_calls_it(server: GlueServer) -> None:
    applied()
    for code in ("CrawlerRunningException", "InvalidInputException"):
        server.state.of(Crawlers).busy = code
        server.after("GetCrawler", once(lambda: server.call("StartCrawler", Name="sales_db-crawler")))
        schedule = "cron(0 3 * * ? *)" if code == "CrawlerRunningException" else "cron(0 4 * * ? *)"
        assert applied(config={**CONFIG, "Schedule": schedule}, poll_interval=0, deferrable=False)["state"] == "updated"
        assert server.refusals[code] == 1


def test_one_that_runs_for_too_long_fails_the_task_and_a_retry_may_help(running: GlueServer) -> None:
    with pytest.raises(AirflowException, match="runs, and AWS changes none that does: wait for it") as caught:
        applied(config=CHANGED, poll_interval=0, max_attempts=2, deferrable=False)
    assert not isinstance(caught.value, AirflowFailException)


def test_tags_of_one_that_runs_are_changed_at_once(running: GlueServer) -> None:
    running.forget()
    assert applied(config={**CONFIG, "Tags": {}})["state"] == "updated"
    assert written(running) == {"UntagResource": 1}


def test_waiting_may_be_left_to_the_triggerer(running: GlueServer) -> None:
    operator = GlueCrawlerApplyOperator(task_id="apply", config=CHANGED, deferrable=True, poll_interval=7)
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute(Task().context)
    name, given = deferred.value.trigger.serialize()
    assert name.endswith(".GlueCrawlerCompleteTrigger")
    assert (given["crawler_name"], given["waiter_delay"], given["waiter_max_attempts"]) == ("sales_db-crawler", 7, 120)
    for _ in range(5):
        running.call("GetCrawler", Name="sales_db-crawler")
    failed = {"status": "error", "message": "its last crawl failed, which is nothing to us"}
    assert operator.execute_complete(Task().context, failed)["state"] == "updated"


# -- one that is run


@pytest.fixture
def sales(server: GlueServer) -> GlueServer:
    server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
    for name in ("orders", "same", "gone"):
        server.call("CreateTable", DatabaseName="sales", TableInput={**ORDERS, "Name": name})
    server.call("CreateCrawler", **RAW)
    crawls.plan(server.state, "raw", lambda: crawled(server), looks=2)
    return server


def crawled(server: GlueServer) -> None:
    server.call("UpdateTable", DatabaseName="sales", TableInput=WIPED)
    server.call("CreateTable", DatabaseName="sales", TableInput={**WIPED, "Name": "found"})
    server.call("DeleteTable", DatabaseName="sales", Name="gone")


@pytest.fixture(autouse=True)
def catalog(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    connection = {"conn_type": "catalog", "extra": {"store_url": url}}
    monkeypatch.setenv("AIRFLOW_CONN_CATALOG_DEFAULT", json.dumps(connection))
    return url


def runner(**options: Any) -> GlueCrawlerRunOperator:
    given: dict[str, Any] = {"crawler_name": "raw", "poll_interval": 0, "deferrable": False}
    return GlueCrawlerRunOperator(task_id="run", **(given | options))


def ran(**options: Any) -> Any:
    done = runner(**options).execute(Task().context)
    json.dumps(done)
    return done


RESTORED = [
    "Description",
    "Parameters.owner",
    "PartitionKeys.day.Comment",
    "StorageDescriptor.Columns.id.Comment",
]


def test_a_run_tells_what_the_crawl_did_and_puts_back_what_it_wiped(sales: GlueServer) -> None:
    done = ran(tell_catalog=False)
    changes = done["changed"][0].pop("changes")
    assert done == {
        "crawler": "raw",
        "created": ["sales.found"],
        "deleted": ["sales.gone"],
        "changed": [{"table": "sales.orders"}],
        "restored": [{"table": "sales.orders", "members": RESTORED}],
        "catalog": None,
    }
    assert "StorageDescriptor.Columns.id.Type: 'bigint' -> 'string'" in changes
    after = sales.call("GetTable", DatabaseName="sales", Name="orders")["Table"]
    assert after["Description"] == ORDERS["Description"]
    assert after["Parameters"] == {"classification": "parquet", "owner": "ann", "UPDATED_BY_CRAWLER": "raw"}
    assert after["PartitionKeys"] == ORDERS["PartitionKeys"]
    assert after["StorageDescriptor"]["Columns"][0] == {"Name": "id", "Type": "string", "Comment": "of the order"}
    assert sales.writes["UpdateTable"] == 1


def test_a_run_that_changes_nothing_writes_nothing(sales: GlueServer) -> None:
    crawls.plan(sales.state, "raw")
    sales.forget()
    done = ran()
    assert (done["created"], done["changed"], done["restored"], done["catalog"]) == ([], [], [], None)
    assert sales.writes == {"StartCrawler": 1}


def test_who_does_not_want_it_gets_nothing_back(sales: GlueServer) -> None:
    assert ran(restore=False, tell_catalog=False)["restored"] == []
    assert sales.writes["UpdateTable"] == 0


def test_somebody_who_writes_meanwhile_loses_nothing(sales: GlueServer) -> None:
    theirs = {**WIPED, "Parameters": {**WIPED["Parameters"], "theirs": "x"}, "Description": "better words"}
    write = once(lambda: sales.call("UpdateTable", DatabaseName="sales", TableInput=theirs))
    sales.before("UpdateTable", write)
    assert ran(tell_catalog=False)["restored"][0]["members"] == RESTORED[1:]
    after = sales.call("GetTable", DatabaseName="sales", Name="orders")["Table"]
    assert (after["Description"], after["Parameters"]["theirs"], after["Parameters"]["owner"]) == (
        "better words",
        "x",
        "ann",
    )
    assert sales.refusals == {"ConcurrentModificationException": 1}


def test_words_that_may_not_be_put_back_fail_the_task_and_are_named(sales: GlueServer) -> None:
    sales.deny("glue:UpdateTable")
    with pytest.raises(AirflowFailException, match=r"sales.orders.*PartitionKeys.day.Comment.*allow glue:UpdateTable"):
        ran(tell_catalog=False)


def test_the_catalog_is_told_of_these_tables_and_nothing_of_the_others(sales: GlueServer, catalog: str) -> None:
    with closing(open_store(catalog)) as store:
        sales.call("CreateTable", DatabaseName="sales", TableInput={**ORDERS, "Name": "older"})
        crawls.plan(sales.state, "raw", lambda: sales.call("DeleteTable", DatabaseName="sales", Name="same"))
        ran()
        Merger(store).drain()
        sales.call("DeleteTable", DatabaseName="sales", Name="older")
        crawls.plan(sales.state, "raw", lambda: crawled(sales))
        done = ran()["catalog"]
        assert (done["new"], done["changed"], done["gone"], done["skipped"]) == (2, 0, 0, 0)
        Merger(store).drain()
        columns = describe(store, find_dataset(store, f"{sales.state.arn('table')}/sales/orders")).columns
        assert [(each.name, each.type) for each in columns][:2] == [("id", "string"), ("total", "double")]


def test_what_the_catalog_knows_and_the_crawl_deleted_is_gone_and_what_else_is_missing_is_not(
    sales: GlueServer, catalog: str
) -> None:
    """`same` went without this crawl: that is for whoever crawls all of it to tell."""
    with closing(open_store(catalog)) as store:
        crawls.plan(sales.state, "raw", lambda: touched(sales))
        assert ran()["catalog"]["new"] == 3
        Merger(store).drain()
        sales.call("DeleteTable", DatabaseName="sales", Name="same")
        crawls.plan(sales.state, "raw", lambda: sales.call("DeleteTable", DatabaseName="sales", Name="gone"))
        done = ran()
        assert (done["deleted"], done["catalog"]["gone"]) == (["sales.gone"], 1)


def touched(server: GlueServer) -> None:
    for name in ("orders", "same", "gone"):
        server.call("UpdateTable", DatabaseName="sales", TableInput={**WIPED, "Name": name})


def test_a_catalog_that_cannot_be_told_costs_the_crawl_nothing(sales: GlueServer) -> None:
    sales.deny("glue:GetDatabases")
    done = ran()
    assert (done["created"], done["catalog"]) == (["sales.found"], None)


def test_of_very_many_tables_all_of_their_databases_are_read() -> None:
    assert glue_crawler._patterns(["s.a*", "s.[b"]) == ("s.a[*]", "s.[[]b")
    assert glue_crawler._patterns([f"s.{each}" for each in range(501)]) == ("s.*",)


def test_a_crawl_that_fails_fails_the_task_in_its_own_words_when_its_wounds_are_healed(sales: GlueServer) -> None:
    crawls.plan(sales.state, "raw", lambda: crawled(sales), error="Insufficient Lake Formation permission(s)")
    with pytest.raises(AirflowException, match=r"ended as FAILED: Insufficient Lake Formation permission\(s\)"):
        ran(tell_catalog=False)
    assert sales.call("GetTable", DatabaseName="sales", Name="orders")["Table"]["Description"] == "what was sold"


def test_only_tables_that_the_crawler_may_write_are_looked_at(sales: GlueServer) -> None:
    targets = {"CatalogTargets": [{"DatabaseName": "sales", "Tables": ["Orders"]}]}
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    sales.call("UpdateCrawler", Name="raw", TablePrefix="RAW_", Targets=targets, SchemaChangePolicy=policy)
    done = ran(tell_catalog=False)
    assert (done["created"], done["deleted"]) == ([], [])
    assert [each["table"] for each in done["changed"]] == ["sales.orders"]


def test_while_it_is_deferred_the_snapshot_waits_with_it(sales: GlueServer) -> None:
    with pytest.raises(TaskDeferred) as deferred:
        runner(deferrable=True).execute(Task().context)
    assert isinstance(deferred.value.trigger, GlueCrawlerCompleteTrigger)
    assert deferred.value.method_name == "execute_complete"
    kept = json.loads(json.dumps(deferred.value.kwargs))
    while sales.call("GetCrawler", Name="raw")["Crawler"]["State"] != "READY":
        pass
    done = runner(deferrable=True, tell_catalog=False).execute_complete(
        Task().context, {"status": "success", "value": None}, **kept
    )
    assert done["restored"] == [{"table": "sales.orders", "members": RESTORED}]


def test_a_snapshot_that_is_too_large_to_wait_elsewhere_keeps_the_task_in_its_worker(
    sales: GlueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glue_crawler, "_MOST_PACKED", 10)
    assert ran(deferrable=True, tell_catalog=False)["created"] == ["sales.found"]


def test_a_crawler_that_still_runs_when_the_waiting_ends_says_so(sales: GlueServer) -> None:
    sales.call("StartCrawler", Name="raw")
    timed_out = {"status": "error", "message": "Waiter error: max attempts reached"}
    with pytest.raises(AirflowException, match="'raw' still runs"):
        runner().execute_complete(Task().context, timed_out, snapshot=Snapshot().packed())


def test_a_crawler_that_runs_already_is_an_error_or_waited_for(sales: GlueServer) -> None:
    crawls.plan(sales.state, "raw", lambda: crawled(sales), looks=5)
    sales.call("StartCrawler", Name="raw")
    with pytest.raises(AirflowException, match="with fail_on_already_running=False the task waits"):
        ran()
    assert ran(fail_on_already_running=False, tell_catalog=False)["created"] == ["sales.found"]


def test_a_crawler_that_is_not_there_fails_for_good(sales: GlueServer) -> None:
    with pytest.raises(AirflowFailException, match="there is no crawler 'none'"):
        ran(crawler_name="none")


def test_what_may_not_be_started_says_which_right_is_missing(sales: GlueServer) -> None:
    sales.deny("glue:StartCrawler")
    with pytest.raises(AirflowFailException, match="allow glue:StartCrawler"):
        ran()


def test_without_waiting_nothing_is_looked_at(sales: GlueServer) -> None:
    assert ran(wait_for_completion=False) == {"crawler": "raw"}
    assert sales.calls == {"StartCrawler": 1}


def test_a_throttled_run_arrives(sales: GlueServer) -> None:
    sales.faults = Faults(seed=3, shares={"throttled": 0.2}, only={"GetCrawler", "GetTables", "StartCrawler"})
    assert ran(tell_catalog=False)["created"] == ["sales.found"]


# -- what Airflow sees of them


def test_they_are_templated_and_lead_to_the_crawler() -> None:
    assert {"config", "crawler_name", "schedule", "tags", "aws_conn_id"} <= set(
        GlueCrawlerApplyOperator.template_fields
    )
    assert {"crawler_name", "region_name"} <= set(GlueCrawlerRunOperator.template_fields)
    for operator in (GlueCrawlerApplyOperator, GlueCrawlerRunOperator):
        assert isinstance(operator.operator_extra_links[0], GlueCrawlerLink)
    assert issubclass(GlueCrawlerRunOperator, AmazonRunOperator)


def test_nothing_is_asked_while_a_dag_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AwsGenericHook, "get_conn", lambda _hook: pytest.fail("it was asked"))
    GlueCrawlerApplyOperator(task_id="apply", config=CONFIG)
    runner()


def test_the_dag_of_the_documents_does_what_they_say(server: GlueServer) -> None:
    """Its templates are rendered as Airflow does it."""
    (text, *_) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    made: dict[str, Any] = {}
    exec(text, made)  # noqa: S102  our own document
    task = Task()
    for kind in ("created", "unchanged"):
        apply = copy.deepcopy(made["apply"])
        apply.render_template_fields({"params": {"lake": "s3://data-lake"}, **task.context})
        assert apply.execute(task.context)["state"] == kind
    targets = server.call("GetCrawler", Name="sales_db-crawler")["Crawler"]["Targets"]["S3Targets"]
    assert targets[0]["Path"] == "s3://data-lake/sales/"
    assert made["run"].execute(task.context)["crawler"] == "sales_db-crawler"
