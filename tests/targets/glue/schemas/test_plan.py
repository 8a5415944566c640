"""What is called for a schema to be as it is wanted: as little as can be, in an order that AWS takes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.schemas.compatibility import Version
from airflow_provider_catalog.targets.glue.schemas.plan import Call, Found, Plan, Wanted, create, metadata, plan

ARN = "arn:aws:glue:eu-west-1:111122223333:schema/events/order"
ID = {"RegistryName": "events", "SchemaName": "order"}
DOCUMENT = {"DataFormat": "AVRO", "Compatibility": "BACKWARD", "SchemaCheckpoint": 2, "SchemaArn": ARN}
USED = {**DOCUMENT, "LatestSchemaVersion": 4}


def avro(*fields: str) -> str:
    return json.dumps({"type": "record", "name": "o", "fields": [{"name": each, "type": "string"} for each in fields]})


WANTED = Wanted("events", "order", "AVRO", avro("id"))
REGISTER = Call("register_schema_version", {"SchemaId": ID, "SchemaDefinition": avro("id")})


def same(status: str = "AVAILABLE", **document: Any) -> Found:
    return Found({**USED, **document}, {"VersionNumber": 4, "Status": status})


def test_what_is_as_it_should_be_is_left_alone() -> None:
    assert plan(WANTED, same()) == Plan()
    assert plan(replace(WANTED, tags={"team": "a"}), same()._replace(tags={"team": "a", "other": "b"})) == Plan()
    assert plan(WANTED, same(Description="somebody else's")) == Plan()


def test_a_new_mode_is_held_from_where_versions_counted_before() -> None:
    changed = {"Compatibility": "FULL_ALL", "SchemaVersionNumber": {"VersionNumber": 2}, "SchemaId": ID}
    assert plan(replace(WANTED, compatibility="FULL_ALL"), same()) == Plan((Call("update_schema", changed),))


def test_words_and_tags_are_changed_without_another_version() -> None:
    planned = plan(replace(WANTED, description="of the shop", tags={"team": "a"}), same()._replace(tags={"team": "b"}))
    said = {"Description": "of the shop", "SchemaVersionNumber": {"VersionNumber": 2}, "SchemaId": ID}
    tagged = {"ResourceArn": ARN, "TagsToAdd": {"team": "a"}}
    assert planned == Plan((Call("update_schema", said), Call("tag_resource", tagged)))


def test_the_mode_comes_before_the_version_that_is_held_to_it() -> None:
    planned = plan(replace(WANTED, compatibility="NONE"), Found(USED, held=[Version(4, avro("other"))]))
    assert [call.operation for call in planned.first] == ["update_schema"]
    assert (planned.register, planned.then) == (REGISTER, ())


def test_of_a_schema_without_a_version_the_version_comes_first() -> None:
    planned = plan(replace(WANTED, compatibility="FULL"), Found(DOCUMENT))
    assert (planned.first, planned.register) == ((), REGISTER)
    assert [call.operation for call in planned.then] == ["update_schema"]


@pytest.mark.parametrize(
    ("wanted", "found", "said"),
    [
        ({}, same(DataFormat="JSON"), "the schema events/order is JSON, and no schema changes its format"),
        ({}, same("FAILURE"), "version 4 of events/order has this definition, and AWS refused it then"),
        ({"compatibility": "DISABLED"}, Found(USED), "DISABLED forbids another version of events/order"),
        ({}, Found(USED, held=[Version(4, avro())]), "field `id` is new and has no default"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_else_is_changed(wanted: dict[str, Any], found: Found, said: str) -> None:
    planned = plan(replace(WANTED, tags={"team": "a"}, **wanted), found)
    assert said in planned.refusal
    assert (planned.first, planned.register, planned.then) == ((), None, ())


def test_a_schema_that_is_disabled_keeps_the_definition_it_has() -> None:
    assert plan(replace(WANTED, compatibility="DISABLED"), same(Compatibility="DISABLED")) == Plan()


def test_a_new_schema_says_only_what_is_said_of_it() -> None:
    request = {"RegistryId": {"RegistryName": "events"}, "SchemaName": "order", "DataFormat": "AVRO"}
    request |= {"Compatibility": "BACKWARD", "SchemaDefinition": avro("id")}
    assert create(WANTED) == Call("create_schema", request)
    more = create(replace(WANTED, description="d", tags={"team": "a"})).request
    assert more == {**request, "Description": "d", "Tags": {"team": "a"}}


def test_a_value_that_was_there_before_goes_to_be_the_latest() -> None:
    actual = {
        "stage": {"MetadataValue": "clean", "OtherMetadataValueList": [{"MetadataValue": "raw"}]},
        "team": {"MetadataValue": "a"},
    }
    pair = {"SchemaVersionId": "v", "MetadataKeyValue": {"MetadataKey": "stage", "MetadataValue": "raw"}}
    new = {"SchemaVersionId": "v", "MetadataKeyValue": {"MetadataKey": "new", "MetadataValue": "x"}}
    assert list(metadata("v", {"team": "a", "stage": "raw", "new": "x"}, actual)) == [
        Call("remove_schema_version_metadata", pair),
        Call("put_schema_version_metadata", pair),
        Call("put_schema_version_metadata", new),
    ]
