"""Connections of Airflow as ways to AWS: what goes wrong before anything is asked of Glue."""

from __future__ import annotations

import json
import sys

import pytest
from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
from airflow.sdk.exceptions import AirflowException
from botocore.exceptions import ClientError

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.hooks.aws import glue_by_conn_id
from airflow_provider_catalog.sources.crawlers.glue.tables import Asked
from tests.glue_crawled import ACCOUNT


@pytest.fixture(autouse=True)
def lake(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = {"conn_type": "aws", "login": "x", "password": "y", "extra": {"region_name": "eu-west-1"}}
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", json.dumps(stated))


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole"),
            r"\(AccessDenied\) when calling the AssumeRole operation: no; allow sts:AssumeRole",
        ),
        (AirflowException("its role is none"), "its role is none"),
    ],
)
def test_who_cannot_be_who_the_connection_says_is_told_why(
    error: Exception, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_hook: object) -> None:
        raise error

    monkeypatch.setattr(AwsGenericHook, "get_conn", refuse)
    with (
        pytest.raises(CrawlError, match=f"lake was not crawled: .*{problem}"),
        glue_by_conn_id("lake", None, ACCOUNT, Asked()),
    ):
        pass


def test_a_connection_that_is_not_there_is_not_taken_for_the_default_one() -> None:
    """As the hook itself would."""
    with (
        pytest.raises(CrawlError, match="nowhere was not crawled: Airflow has no connection of that name"),
        glue_by_conn_id("nowhere", "eu-west-1", ACCOUNT, Asked()),
    ):
        pass


def test_without_its_provider_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "airflow.providers.amazon.aws.hooks.base_aws", None)
    with (
        pytest.raises(CrawlError, match=r"pip install 'airflow-provider-catalog\[amazon\]'"),
        glue_by_conn_id("lake", None, ACCOUNT, Asked()),
    ):
        pass


def test_the_region_that_is_said_counts_more_than_that_of_the_connection() -> None:
    for stated, region in ((None, "eu-west-1"), ("us-gov-west-1", "us-gov-west-1")):
        with glue_by_conn_id("lake", stated, ACCOUNT, Asked()) as found:
            assert found.catalog.account.region == region
