from __future__ import annotations

import json
from typing import Any

import pytest

from tests.glue.orders import plain, refusal
from tests.glue.server import GlueServer

ARN = "arn:aws:glue:eu-west-1:111122223333"
EVENTS = {"RegistryName": "events"}
ORDER = {"RegistryName": "events", "SchemaName": "order"}


def avro(*names: str, **defaults: str) -> str:
    fields: list[dict[str, Any]] = [{"name": name, "type": "string"} for name in names]
    fields += [{"name": name, "type": "string", "default": value} for name, value in defaults.items()]
    return json.dumps({"type": "record", "name": "order", "fields": fields})


@pytest.fixture
def events(glue: Any) -> Any:
    """A registry with a schema in it."""
    glue.create_registry(**EVENTS, Description="of the shop", Tags={"team": "a"})
    glue.create_schema(
        RegistryId=EVENTS, SchemaName="order", DataFormat="AVRO", SchemaDefinition=avro("id"), Tags={"topic": "orders"}
    )
    return glue


def register(glue: Any, definition: str) -> tuple[int, str]:
    answer = glue.register_schema_version(SchemaId=ORDER, SchemaDefinition=definition)
    return answer["VersionNumber"], answer["Status"]


def numbers(glue: Any) -> list[int]:
    return [each["VersionNumber"] for each in glue.list_schema_versions(SchemaId=ORDER)["Schemas"]]


def test_a_registry_is_found_by_its_name_and_by_its_arn(events: Any) -> None:
    found = events.get_registry(RegistryId=EVENTS)
    assert found["RegistryArn"] == f"{ARN}:registry/events"
    assert (found["Status"], found["Description"]) == ("AVAILABLE", "of the shop")
    by_arn = events.get_registry(RegistryId={"RegistryArn": found["RegistryArn"]})
    assert plain(by_arn) == plain(found)
    assert events.get_tags(ResourceArn=found["RegistryArn"])["Tags"] == {"team": "a"}
    events.update_registry(RegistryId=EVENTS, Description="changed")
    (listed,) = events.list_registries()["Registries"]
    assert listed["Description"] == "changed"


def test_a_registry_goes_with_all_that_is_in_it(events: Any) -> None:
    assert events.delete_registry(RegistryId=EVENTS)["Status"] == "DELETING"
    assert refusal(events.get_registry, RegistryId=EVENTS).code == "EntityNotFoundException"
    assert refusal(events.get_schema, SchemaId=ORDER).code == "EntityNotFoundException"
    arn = f"{ARN}:schema/events/order"
    assert refusal(events.get_tags, ResourceArn=arn).code == "EntityNotFoundException"


def test_a_schema_tells_its_versions(events: Any) -> None:
    found = plain(events.get_schema(SchemaId=ORDER))
    assert found.pop("CreatedTime") == found.pop("UpdatedTime")
    assert found == {
        **ORDER,
        "RegistryArn": f"{ARN}:registry/events",
        "SchemaArn": f"{ARN}:schema/events/order",
        "DataFormat": "AVRO",
        "Compatibility": "BACKWARD",
        "SchemaCheckpoint": 1,
        "LatestSchemaVersion": 1,
        "NextSchemaVersion": 2,
        "SchemaStatus": "AVAILABLE",
    }
    by_arn = events.get_schema(SchemaId={"SchemaArn": found["SchemaArn"]})
    assert by_arn["SchemaName"] == "order"
    assert events.get_tags(ResourceArn=found["SchemaArn"])["Tags"] == {"topic": "orders"}
    (listed,) = events.list_schemas(RegistryId=EVENTS)["Schemas"]
    assert listed["SchemaName"] == "order"
    assert events.list_schemas()["Schemas"] == [listed]


def test_a_schema_without_a_registry_is_in_the_default_one(glue: Any) -> None:
    glue.create_schema(SchemaName="loose", DataFormat="JSON", SchemaDefinition="{}", Compatibility="NONE")
    assert glue.get_schema(SchemaId={"SchemaName": "loose"})["RegistryName"] == "default-registry"
    glue.create_schema(SchemaName="empty", DataFormat="JSON")
    assert [each["SchemaName"] for each in glue.list_schemas()["Schemas"]] == ["empty", "loose"]
    assert "LatestSchemaVersion" not in glue.get_schema(SchemaId={"SchemaName": "empty"})


def test_a_version_that_breaks_the_mode_has_a_number_and_cannot_be_used(events: Any) -> None:
    assert register(events, avro("id", note="")) == (2, "AVAILABLE")
    assert register(events, avro("id", "customer")) == (3, "FAILURE")
    found = events.get_schema(SchemaId=ORDER)
    assert (found["LatestSchemaVersion"], found["NextSchemaVersion"]) == (2, 4)
    latest = events.get_schema_version(SchemaId=ORDER, SchemaVersionNumber={"LatestVersion": True})
    assert (latest["VersionNumber"], latest["SchemaDefinition"]) == (2, avro("id", note=""))
    failed = events.get_schema_version(SchemaId=ORDER, SchemaVersionNumber={"VersionNumber": 3})
    assert failed["Status"] == "FAILURE"
    assert numbers(events) == [1, 2, 3]


def test_a_definition_that_is_known_is_not_another_version(events: Any) -> None:
    spaced = json.dumps(json.loads(avro("id")), indent=4)
    assert register(events, spaced) == (1, "AVAILABLE")
    found = events.get_schema_by_definition(SchemaId=ORDER, SchemaDefinition=spaced)
    by_id = events.get_schema_version(SchemaVersionId=found["SchemaVersionId"])
    assert by_id["VersionNumber"] == 1
    refused = refusal(events.get_schema_by_definition, SchemaId=ORDER, SchemaDefinition=avro("other"))
    assert refused.code == "EntityNotFoundException"


def test_another_mode_is_held_from_a_version_on_that_must_be_said(events: Any) -> None:
    assert refusal(events.update_schema, SchemaId=ORDER, Compatibility="FULL_ALL").code == "InvalidInputException"
    events.update_schema(SchemaId=ORDER, Compatibility="NONE", SchemaVersionNumber={"VersionNumber": 1})
    assert register(events, avro("other")) == (2, "AVAILABLE")
    events.update_schema(SchemaId=ORDER, Compatibility="FULL_ALL", SchemaVersionNumber={"LatestVersion": True})
    assert events.get_schema(SchemaId=ORDER)["SchemaCheckpoint"] == 2
    assert register(events, avro("other", note="")) == (3, "AVAILABLE")
    events.update_schema(SchemaId=ORDER, Compatibility="DISABLED", SchemaVersionNumber={"LatestVersion": True})
    refused = refusal(events.register_schema_version, SchemaId=ORDER, SchemaDefinition=avro("x"))
    assert refused[:2] == ("InvalidInputException", "Compatibility DISABLED does not allow versioning.")


def test_versions_are_deleted_by_a_range_and_the_checkpoint_stays(events: Any) -> None:
    for note in "abc":
        register(events, avro("id", **{note: ""}))
    errors = events.delete_schema_versions(SchemaId=ORDER, Versions="1-3")["SchemaVersionErrors"]
    assert [(each["VersionNumber"], each["ErrorDetails"]["ErrorCode"]) for each in errors] == [
        (1, "InvalidInputException")
    ]
    errors = events.delete_schema_versions(SchemaId=ORDER, Versions="3")["SchemaVersionErrors"]
    assert errors[0]["ErrorDetails"]["ErrorCode"] == "EntityNotFoundException"
    assert numbers(events) == [1, 4]
    assert events.delete_schema(SchemaId=ORDER)["Status"] == "DELETING"
    assert events.list_schemas(RegistryId=EVENTS)["Schemas"] == []


def test_two_versions_are_compared_line_by_line(events: Any) -> None:
    register(events, avro("id", note=""))
    answer = events.get_schema_versions_diff(
        SchemaId=ORDER,
        FirstSchemaVersionNumber={"VersionNumber": 1},
        SecondSchemaVersionNumber={"LatestVersion": True},
        SchemaDiffType="SYNTAX_DIFF",
    )
    assert '+      "name": "note",' in answer["Diff"]


def test_a_definition_is_checked_before_it_is_one(events: Any) -> None:
    assert plain(events.check_schema_version_validity(DataFormat="AVRO", SchemaDefinition='"string"')) == {
        "Valid": True
    }
    answer = events.check_schema_version_validity(DataFormat="AVRO", SchemaDefinition='"text"')
    assert (answer["Valid"], answer["Error"]) == (False, "Undefined name: text")
    refused = refusal(events.register_schema_version, SchemaId=ORDER, SchemaDefinition='"text"')
    assert refused.message.startswith("Schema definition of AVRO data format is invalid")
    assert refusal(events.create_schema, SchemaName="a b", DataFormat="AVRO").code == "InvalidInputException"


def test_metadata_of_a_version_keep_the_values_before(events: Any) -> None:
    for value in ("raw", "clean"):
        events.put_schema_version_metadata(
            SchemaId=ORDER, MetadataKeyValue={"MetadataKey": "stage", "MetadataValue": value}
        )
    again = {"MetadataKey": "stage", "MetadataValue": "raw"}
    refused = refusal(events.put_schema_version_metadata, SchemaId=ORDER, MetadataKeyValue=again)
    assert refused.code == "AlreadyExistsException"
    found = events.query_schema_version_metadata(SchemaId=ORDER)["MetadataInfoMap"]["stage"]
    assert found["MetadataValue"] == "clean"
    assert [each["MetadataValue"] for each in found["OtherMetadataValueList"]] == ["raw"]
    asked = [{"MetadataKey": "other"}]
    assert events.query_schema_version_metadata(SchemaId=ORDER, MetadataList=asked)["MetadataInfoMap"] == {}
    events.remove_schema_version_metadata(SchemaId=ORDER, MetadataKeyValue=again)
    refused = refusal(events.remove_schema_version_metadata, SchemaId=ORDER, MetadataKeyValue=again)
    assert refused.code == "EntityNotFoundException"


def test_a_version_has_ten_metadata_at_most(events: Any) -> None:
    for number in range(10):
        pair = {"MetadataKey": f"k{number}", "MetadataValue": "v"}
        events.put_schema_version_metadata(SchemaId=ORDER, MetadataKeyValue=pair)
    more = {"MetadataKey": "more", "MetadataValue": "v"}
    refused = refusal(events.put_schema_version_metadata, SchemaId=ORDER, MetadataKeyValue=more)
    assert refused.code == "ResourceNumberLimitExceededException"


def test_versions_come_in_pages(server: GlueServer, events: Any) -> None:
    schema_id = {"SchemaId": ORDER}
    server.call("UpdateSchema", **schema_id, Compatibility="NONE", SchemaVersionNumber={"LatestVersion": True})
    for number in range(105):
        server.call("RegisterSchemaVersion", **schema_id, SchemaDefinition=avro(f"f{number}"))
    pages = list(events.get_paginator("list_schema_versions").paginate(SchemaId=ORDER))
    assert [len(page["Schemas"]) for page in pages] == [100, 6]


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("get_registry", {"RegistryId": {}}),
        ("get_registry", {"RegistryId": {**EVENTS, "RegistryArn": f"{ARN}:registry/events"}}),
        ("get_schema", {"SchemaId": {}}),
        ("get_schema", {"SchemaId": {**ORDER, "SchemaArn": f"{ARN}:schema/events/order"}}),
        ("get_schema_version", {"SchemaId": ORDER}),
        ("get_schema_version", {"SchemaId": ORDER, "SchemaVersionNumber": {"LatestVersion": True, "VersionNumber": 1}}),
        ("get_schema_version", {"SchemaId": ORDER, "SchemaVersionId": "0" * 8 + "-0000-0000-0000-" + "0" * 12}),
        ("update_schema", {"SchemaId": ORDER}),
    ],
)
def test_what_is_named_twice_or_not_at_all_is_refused(events: Any, call: str, request_: dict[str, Any]) -> None:
    assert refusal(getattr(events, call), **request_).code == "InvalidInputException"
