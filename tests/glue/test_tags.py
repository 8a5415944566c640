from __future__ import annotations

from typing import Any

import pytest

from tests.glue.orders import refusal

ARN = "arn:aws:glue:eu-west-1:111122223333:crawler/raw"


@pytest.fixture
def tagged(glue: Any) -> Any:
    glue.create_crawler(
        Name="raw", Role="r", DatabaseName="d", Targets={"S3Targets": [{"Path": "s3://b/"}]}, Tags={"team": "a"}
    )
    return glue


def test_tags_are_added_replaced_and_removed(tagged: Any) -> None:
    tagged.tag_resource(ResourceArn=ARN, TagsToAdd={"team": "b", "cost": "7"})
    assert tagged.get_tags(ResourceArn=ARN)["Tags"] == {"team": "b", "cost": "7"}
    tagged.untag_resource(ResourceArn=ARN, TagsToRemove=["team", "none"])
    assert tagged.get_tags(ResourceArn=ARN)["Tags"] == {"cost": "7"}


def test_what_is_gone_or_never_was_has_no_tags(tagged: Any) -> None:
    tagged.delete_crawler(Name="raw")
    assert refusal(tagged.get_tags, ResourceArn=ARN).code == "EntityNotFoundException"
    assert refusal(tagged.tag_resource, ResourceArn=f"{ARN}2", TagsToAdd={"a": "b"}).code == "EntityNotFoundException"


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:glue:us-east-1:111122223333:crawler/raw",
        "arn:aws-cn:glue:eu-west-1:111122223333:crawler/raw",
        "arn:aws:glue:eu-west-1:999999999999:crawler/raw",
    ],
)
def test_an_arn_of_another_place_is_refused(tagged: Any, arn: str) -> None:
    assert refusal(tagged.get_tags, ResourceArn=arn).code == "InvalidInputException"


def test_there_are_fifty_tags_at_most_and_none_that_are_awss_own(tagged: Any) -> None:
    tagged.tag_resource(ResourceArn=ARN, TagsToAdd={f"k{number}": "" for number in range(49)})
    refused = refusal(tagged.tag_resource, ResourceArn=ARN, TagsToAdd={"one": "more"})
    assert refused[:2] == ("InvalidInputException", "A resource has at most 50 tags.")
    tagged.tag_resource(ResourceArn=ARN, TagsToAdd={"k0": "again"})
    refused = refusal(tagged.tag_resource, ResourceArn=ARN, TagsToAdd={"aws:owner": "me"})
    assert refused.code == "InvalidInputException"


def test_a_database_has_tags_from_its_making(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "Sales"}, Tags={"team": "a"})
    arn = "arn:aws:glue:eu-west-1:111122223333:database/sales"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "a"}
    glue.delete_database(Name="sales")
    assert refusal(glue.get_tags, ResourceArn=arn).code == "EntityNotFoundException"
