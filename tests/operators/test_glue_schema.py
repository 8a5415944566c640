"""`GlueSchemaRegisterOperator` against the strict server: its calls, what it explains, what the catalog then shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, Asset
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airflow_provider_catalog.operators.glue import GlueSchemaLink
from airflow_provider_catalog.operators.glue_schema import GlueSchemaRegisterOperator
from airflow_provider_catalog.services.dataset import Description, describe
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.worker.merge import Merger
from tests.glue import registries
from tests.glue.faults import Faults
from tests.glue.registries import Registries, Schema
from tests.glue.server import GlueServer
from tests.operators.glue_tasks import Task, connect

ORDER = {"RegistryName": "events", "SchemaName": "order"}
ARN = "arn:aws:glue:eu-west-1:111122223333:schema/events/order"
TOPIC = "kafka://broker:9092/orders"
TABLE = "s3://lake/sales/orders"
JSON_ONE = '{"type": "object", "properties": {"id": {"type": "integer"}}}'
REMOVED = (
    "field `amount` was removed and has no default: readers with version 1 cannot read it; give it a default or keep it"
)
PROTO_ONE = 'syntax = "proto3"; message Order { int64 id = 1; }'


def avro(*names: str, **defaults: str) -> str:
    fields: list[dict[str, Any]] = [{"name": name, "type": "string"} for name in names]
    fields += [{"name": name, "type": "string", "default": value} for name, value in defaults.items()]
    return json.dumps({"type": "record", "name": "order", "fields": fields})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    with GlueServer() as server:
        connect(monkeypatch, server)
        yield server
    assert not server.failures


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", url)
    return url


def operator(definition: str = avro("id"), **options: Any) -> GlueSchemaRegisterOperator:
    given: dict[str, Any] = {"registry": "events", "schema_name": "order", "definition": definition}
    made = GlueSchemaRegisterOperator(task_id="register", **(given | options))
    made.calls._sleep = lambda _seconds: None
    return made


def done(definition: str = avro("id"), **options: Any) -> dict[str, Any]:
    found = operator(definition, **options).execute(Task().context)
    json.dumps(found)
    return found


def schema(server: GlueServer) -> Schema:
    return server.state.of(Registries)["events"].schemas["order"]


def shown(catalog: str, name: str) -> Description:
    with closing(open_store(catalog)) as store:
        Merger(store).drain()
        return describe(store, find_dataset(store, name))


# -- what is registered


@pytest.mark.parametrize(
    ("data_format", "definition"), [("AVRO", avro("id")), ("JSON", JSON_ONE), ("PROTOBUF", PROTO_ONE)]
)
def test_a_schema_is_made_with_its_registry_and_then_left_alone(
    server: GlueServer, data_format: str, definition: str
) -> None:
    said = {"description": "of the shop", "tags": {"team": "a"}, "metadata": {"stage": "raw"}}
    said |= {"registry_description": "events of the shop", "registry_tags": {"cost": "b"}}
    found = done(definition, data_format=data_format, **said)
    assert (found["state"], found["version"], found["changes"], found["breaks"]) == ("created", 1, [], [])
    registry = server.call("GetRegistry", RegistryId={"RegistryName": "events"})
    assert registry["Description"] == "events of the shop"
    assert server.call("GetTags", ResourceArn=registry["RegistryArn"])["Tags"] == {"cost": "b"}
    there = server.call("GetSchema", SchemaId=ORDER)
    assert (there["Description"], there["DataFormat"], there["Compatibility"]) == (
        *("of the shop", data_format),
        "BACKWARD",
    )
    assert server.call("GetTags", ResourceArn=ARN)["Tags"] == {"team": "a"}
    server.forget()
    again = done(definition, data_format=data_format, **said)
    assert again == {**found, "state": "unchanged"}
    assert not server.writes


def test_white_space_and_the_order_of_members_make_no_version(server: GlueServer) -> None:
    done()
    server.forget()
    spaced = json.dumps(dict(reversed(json.loads(avro("id")).items())), indent=4)
    assert done(spaced)["state"] == "unchanged"
    assert not server.writes


def test_a_new_definition_is_a_version_and_says_what_changed(server: GlueServer) -> None:
    done(avro("id", "note"))
    found = done(avro("id", customer=""))
    assert (found["state"], found["version"]) == ("registered", 2)
    assert [(each["change_type"], each["column"]) for each in found["changes"]] == [
        ("column_added", "customer"),
        ("column_removed", "note"),
    ]
    (broken,) = found["breaks"]
    assert (broken["mode"], broken["version"]) == ("FORWARD", 1)
    assert broken["change"].startswith("field `note` was removed and has no default: readers with version 1")


def test_another_mode_changes_the_schema_and_not_its_version(server: GlueServer) -> None:
    done()
    server.forget()
    assert done(compatibility="FULL_ALL")["state"] == "updated"
    assert dict(server.writes) == {"UpdateSchema": 1}
    assert server.call("GetSchema", SchemaId=ORDER)["Compatibility"] == "FULL_ALL"


def test_a_looser_mode_lets_the_version_in_that_comes_with_it(server: GlueServer) -> None:
    done()
    found = done(avro("other"), compatibility="NONE")
    assert (found["state"], found["version"], len(found["breaks"])) == ("registered", 2, 2)


def test_words_tags_and_metadata_follow(server: GlueServer) -> None:
    said: dict[str, Any] = {"description": "old", "tags": {"team": "a", "topic": "t"}, "metadata": {"stage": "raw"}}
    done(**said)
    assert done(description="new", tags={"team": "b"}, metadata={"stage": "clean"})["state"] == "updated"
    assert server.call("GetSchema", SchemaId=ORDER)["Description"] == "new"
    assert server.call("GetTags", ResourceArn=ARN)["Tags"] == {"team": "b", "topic": "t"}
    assert done(**said)["state"] == "updated"
    server.forget()
    assert done(**said)["state"] == "unchanged"
    assert not server.writes


def test_a_definition_that_was_there_before_is_the_version_it_was(
    server: GlueServer, capfd: pytest.CaptureFixture[str]
) -> None:
    done()
    done(avro("id", note=""))
    server.forget()
    assert (done()["state"], done()["version"]) == ("unchanged", 1)
    assert not server.writes
    assert "readers of the latest get version 2" in capfd.readouterr().out


def test_a_schema_without_a_version_gets_its_first_one(server: GlueServer) -> None:
    server.call("CreateRegistry", RegistryName="events")
    server.call("CreateSchema", RegistryId={"RegistryName": "events"}, SchemaName="order", DataFormat="AVRO")
    found = done(compatibility="FORWARD")
    assert (found["state"], found["version"]) == ("registered", 1)
    assert server.call("GetSchema", SchemaId=ORDER)["Compatibility"] == "FORWARD"


# -- what is not


@pytest.mark.parametrize(
    ("mode", "before", "after", "said"),
    [
        ("BACKWARD", avro("id"), avro("id", "amount"), "field `amount` is new and has no default"),
        ("FORWARD", avro("id", "amount"), avro("id"), REMOVED),
        ("FULL", avro("id"), avro("number"), "field `id` was removed"),
    ],
)
def test_what_breaks_the_mode_is_explained_and_not_sent(
    server: GlueServer, mode: str, before: str, after: str, said: str
) -> None:
    done(before, compatibility=mode)
    server.forget()
    with pytest.raises(AirflowFailException) as caught:
        done(after, compatibility=mode, tags={"team": "a"}, description="other")
    assert said in str(caught.value)
    assert f"events/order: the compatibility mode {mode} forbids this definition" in str(caught.value)
    assert not server.writes


def test_the_modes_for_all_look_at_every_version_from_the_checkpoint_on(server: GlueServer) -> None:
    first, second, third = (
        json.dumps({"type": "record", "name": "r", "fields": [{"name": "a", "type": kind}]})
        for kind in ("long", ["long", "string"], "string")
    )
    done(first, compatibility="NONE")
    done(second, compatibility="NONE")
    server.forget()
    with pytest.raises(AirflowFailException, match="readers with version 1 cannot read it"):
        done(third, compatibility="FORWARD_ALL")
    assert not server.writes
    newer = {"VersionNumber": 2}
    server.call("UpdateSchema", SchemaId=ORDER, Compatibility="FORWARD_ALL", SchemaVersionNumber=newer)
    assert done(third, compatibility="FORWARD_ALL")["version"] == 3


def test_all_versions_are_looked_at_however_many_pages_they_have(server: GlueServer) -> None:
    done(compatibility="NONE")
    for number in range(104):
        server.call("RegisterSchemaVersion", SchemaId=ORDER, SchemaDefinition=avro("id", **{f"f{number}": ""}))
    with pytest.raises(AirflowFailException) as caught:
        done(avro("id", "amount"), compatibility="BACKWARD_ALL")
    assert "what version 105 wrote" in str(caught.value) or "and 85 more" in str(caught.value)
    assert server.calls["ListSchemaVersions"] == 2


def test_what_the_check_cannot_tell_aws_decides(server: GlueServer, capfd: pytest.CaptureFixture[str]) -> None:
    done(JSON_ONE, data_format="JSON")
    more = JSON_ONE.replace('{"id"', '{"note": {"type": "string"}, "id"')
    assert done(more, data_format="JSON")["state"] == "registered"
    assert (
        "AWS took what was doubtful: `note` is new, and before anything could be written under its name"
        in capfd.readouterr().out
    )


def test_a_version_that_aws_refuses_is_told_with_what_the_check_could_not_tell(server: GlueServer) -> None:
    day, hour = (
        json.dumps(
            {"type": "record", "name": "r", "fields": [{"name": "at", "type": {"type": "int", "logicalType": kind}}]}
        )
        for kind in ("date", "time-millis")
    )
    done(day)

    def refuse(_request: Any) -> None:
        schema(server).versions[2].status = "FAILURE"

    made = operator(hour)
    answer(made, "FAILURE")
    server.after("RegisterSchemaVersion", refuse)
    with pytest.raises(AirflowFailException) as caught:
        made.execute(Task().context)
    assert "AWS refused version 2: its status is FAILURE" in str(caught.value)
    assert "- `at` was date and is time-millis; this check cannot tell" in str(caught.value)
    server.forget()
    with pytest.raises(AirflowFailException, match="aws glue delete-schema-versions --versions 2"):
        done(hour)
    assert not server.writes


def answer(made: GlueSchemaRegisterOperator, status: str) -> None:
    """As if AWS answered so to a new version."""

    def say(parsed: dict[str, Any], **_more: Any) -> None:
        parsed["Status"] = status

    client: Any = made.hook.get_conn()
    client.meta.events.register("after-call.glue.RegisterSchemaVersion", say)


def pending(server: GlueServer, made: GlueSchemaRegisterOperator, asked: int) -> None:
    """AWS takes its time with the next version, until it has been asked so often."""

    def wait(_request: Any) -> None:
        schema(server).versions[2].status = "PENDING"

    def settle(request: Any) -> None:
        if server.calls["RegisterSchemaVersion"] and "SchemaVersionId" in request:
            looked.append(request)
            if len(looked) == asked:
                schema(server).versions[2].status = "AVAILABLE"

    looked: list[Any] = []
    server.after("RegisterSchemaVersion", wait)
    server.before("GetSchemaVersion", settle)
    answer(made, "PENDING")


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_catalog.targets.glue.schemas.registry._SECONDS", 0.001)


@pytest.mark.usefixtures("no_waiting")
def test_a_version_that_is_pending_is_waited_for(server: GlueServer) -> None:
    done()
    made = operator(avro("id", note=""))
    pending(server, made, 3)
    assert made.execute(Task().context)["state"] == "registered"
    assert schema(server).versions[2].status == "AVAILABLE"


@pytest.mark.usefixtures("no_waiting")
def test_a_version_that_stays_pending_is_worth_another_try(server: GlueServer) -> None:
    done()
    made = operator(avro("id", note=""), wait_seconds=0.004)
    pending(server, made, 1000)
    with pytest.raises(AirflowException, match="version 2 of events/order is still PENDING") as caught:
        made.execute(Task().context)
    assert not isinstance(caught.value, AirflowFailException)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"data_format": "XML"}, "data_format: 'XML' is none of AVRO, JSON, PROTOBUF"),
        ({"compatibility": "SOME"}, "compatibility: 'SOME' is none of NONE, DISABLED, BACKWARD"),
        ({"definition": "schemas/none.avsc"}, "definition: there is no file 'schemas/none.avsc' in"),
        ({"definition": "{"}, "the definition is no AVRO: it cannot be parsed"),
        ({"definition": '"money"'}, "AWS does not take the definition for AVRO: Undefined name: money"),
        ({"topic": "orders"}, "topic: 'orders' names no dataset"),
        ({"schema_name": "a b"}, "InvalidInputException"),
    ],
)
def test_what_cannot_be_is_told_and_not_tried_again(server: GlueServer, options: dict[str, Any], said: str) -> None:
    with pytest.raises(AirflowFailException) as caught:
        done(**options)
    assert said in str(caught.value)
    assert "CreateSchema" not in server.writes


def test_what_aws_does_not_take_changes_nothing_else(server: GlueServer) -> None:
    with pytest.raises(AirflowFailException, match="AWS does not take the definition for AVRO"):
        done('"money"')
    done()
    writes = dict(server.writes)
    with pytest.raises(AirflowFailException, match="AWS does not take the definition for AVRO"):
        done('"money"', compatibility="NONE", tags={"team": "a"})
    assert dict(server.writes) == writes == {"CreateRegistry": 1, "CreateSchema": 1}


def test_a_schema_stays_in_its_format(server: GlueServer) -> None:
    done()
    with pytest.raises(AirflowFailException, match="is AVRO, and no schema changes its format"):
        done(JSON_ONE, data_format="JSON")


def test_a_right_that_is_missing_is_named(server: GlueServer) -> None:
    done()
    server.deny("glue:RegisterSchemaVersion")
    with pytest.raises(AirflowFailException, match="allow glue:RegisterSchemaVersion"):
        done(avro("id", note=""))


def test_the_policy_of_the_docs_is_enough_and_no_more(server: GlueServer) -> None:
    page = Path(__file__).parents[2].joinpath("docs", "glue-schemas.md").read_text(encoding="utf-8")
    policy = page.partition('```json\n{\n  "Version"')[2].partition("```")[0]
    done(tags={"team": "a"}, metadata={"stage": "raw"})
    done(tags={"team": "b"}, metadata={"stage": "clean"}, compatibility="FULL_ALL")
    done(metadata={"stage": "raw"}, compatibility="FULL_ALL")
    done(avro("id", note=""), compatibility="FULL_ALL")
    assert {f"glue:{operation}" for operation in server.calls} == set(re.findall(r'"(glue:\w+)"', policy))


# -- others, and faults


def test_who_makes_it_at_the_same_time_is_no_obstacle(server: GlueServer) -> None:
    def neighbour(_request: Any) -> None:
        if "events" not in server.state.of(Registries):
            server.call("CreateRegistry", RegistryName="events")
        if "order" not in server.state.of(Registries)["events"].schemas:
            registry = {"RegistryName": "events"}
            there = {"RegistryId": registry, "SchemaName": "order", "DataFormat": "AVRO"}
            server.call("CreateSchema", **there, SchemaDefinition=avro("id"))

    server.before("CreateRegistry", neighbour)
    assert done(avro("id", note=""))["version"] == 2


@pytest.mark.parametrize("kind", ["throttled", "broken_after", "timed_out_after", "hung_up_after"])
def test_it_is_done_once_while_aws_is_busy_or_answers_are_lost(server: GlueServer, kind: str) -> None:
    server.faults = Faults(seed=5, shares={kind: 0.4})
    assert done()["state"] == "created"
    assert done(avro("id", note=""))["version"] == 2
    assert list(schema(server).versions) == [1, 2]
    assert server.faults.drawn[kind] >= 1


# -- where the definition comes from


@pytest.mark.parametrize("absolute", [True, False])
def test_a_definition_is_read_from_a_file(server: GlueServer, tmp_path: Path, absolute: bool) -> None:
    (tmp_path / "order.avsc").write_text(avro("id"))
    stated = str(tmp_path / "order.avsc") if absolute else "order.avsc"
    with DAG("d", schedule=None, template_searchpath=[str(tmp_path)]):
        assert done(stated)["state"] == "created"
    assert schema(server).versions[1].definition == avro("id")


def test_what_is_told_is_templates(server: GlueServer) -> None:
    names = {"registry", "schema_name", "definition", "compatibility", "tags", "metadata", "topic", "table"}
    assert names <= set(GlueSchemaRegisterOperator.template_fields)
    assert isinstance(GlueSchemaRegisterOperator.operator_extra_links[0], GlueSchemaLink)
    made = operator("{{ params.text }}", params={"text": avro("id")}, topic="kafka://b:9092/{{ params.text[2:6] }}")
    made.render_template_fields({"params": {"text": avro("id")}})
    assert (made.definition, made.topic) == (avro("id"), "kafka://b:9092/type")
    task = Task()
    made.execute(task.context)
    assert task.pushed["catalog_glue_schema"]["schema"] == "order"


# -- what the catalog knows then


@pytest.mark.parametrize("asset", [True, False])
def test_the_topic_has_the_columns_of_its_schema_and_says_where_it_is(
    server: GlueServer, catalog: str, asset: bool
) -> None:
    found = done(avro("id", note=""), topic=Asset("orders", uri=TOPIC) if asset else TOPIC, table=TABLE)
    topic = shown(catalog, TOPIC)
    assert [(column.name, column.type) for column in topic.columns] == [("id", "string"), ("note", "string")]
    assert topic.type == "topic"
    where = {"registry": "events", "schema": "order", "version": 1, "arn": ARN, "table": TABLE}
    how = {"schemaVersionId": found["schema_version_id"], "dataFormat": "AVRO", "compatibility": "BACKWARD"}
    assert topic.aspects["facet:glueSchema"].value == where | how
    table = shown(catalog, TABLE)
    linked = table.aspects["facet:glueSchema"].value
    assert isinstance(linked, dict)
    assert (linked["topic"], linked["version"]) == (TOPIC, 1)
    assert table.columns == ()
    assert [member.id for member in table.members] == [TABLE]


def test_the_catalog_is_told_once_and_of_each_change(server: GlueServer, catalog: str) -> None:
    def pending_after(definition: str, **more: Any) -> int:
        done(definition, topic=TOPIC, table=TABLE, **more)
        with closing(open_store(catalog)) as store:
            waiting = store.status().pending
            Merger(store).drain()
            return waiting

    assert pending_after(avro("id")) == 2
    assert pending_after(avro("id")) == 0
    assert pending_after(avro("id", note="")) == 2
    assert pending_after(avro("id", note=""), compatibility="FULL") == 2
    assert pending_after(avro("id", note=""), compatibility="BACKWARD") == 2
    topic = shown(catalog, TOPIC)
    assert [version.added for version in topic.versions] == [(), ("note",)]


def test_a_catalog_that_does_not_answer_fails_no_task(
    server: GlueServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", f"sqlite:///{tmp_path}/none/catalog.db")
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    (tmp_path / "none").write_text("a file where a folder should be")
    assert done(topic=TOPIC)["state"] == "created"
    assert "The catalog was not told of the schema events/order" in capfd.readouterr().out


def test_a_schema_that_was_deleted_meanwhile_is_made_again(server: GlueServer) -> None:
    done()
    server.call("DeleteSchema", SchemaId=ORDER)
    assert done()["state"] == "created"
    assert registries.find(server.state, {"RegistryName": "events"}).schemas["order"].next == 2
