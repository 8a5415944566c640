"""Glue Data Quality: a table that is read, and what its rules came to.

The operator looks at the results and fails where a rule did, unless it is told not to. That it has succeeded is then
the result of all its rulesets; which rule failed otherwise only AWS knows.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.places import Account, Place


def evaluate(fields: Fields, found: Findings) -> None:
    table = _source(fields.object("datasource"), Account.of(fields))
    found.read(table)
    others = fields.object("rule_set_evaluation_run_kwargs", "AdditionalDataSources")
    for name in others.stated:
        found.read(_source(others.object(name), Account.of(fields)))
    passed = _passed(fields, found)
    if passed and isinstance(table, DatasetId):
        found.say(table, "inputFacets", {"dataQualityAssertions": {"assertions": passed}})


def recommend(fields: Fields, found: Findings) -> None:
    found.read(_source(fields.object("datasource"), Account.of(fields)))


def _source(stated: Fields, account: Account) -> Place:
    table = stated.object("GlueTable")
    return account.table(*(table.text(key) for key in ("DatabaseName", "TableName", "CatalogId")))


def _passed(fields: Fields, found: Findings) -> list[dict[str, Any]]:
    waited = fields.flag("wait_for_completion") or fields.flag("deferrable")
    if not (found.succeeded and waited and fields.flag("verify_result_status")):
        return []
    return [{"assertion": name, "success": True} for name in fields.texts("rule_set_names")]
