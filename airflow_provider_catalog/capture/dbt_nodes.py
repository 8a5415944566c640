"""Nodes and results of dbt as documents have them, made of what its artifacts say: without secrets, and no larger than
a record allows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.capture.payload import LIMIT
from airflow_provider_catalog.capture.text import plain, sql
from airflow_provider_catalog.model.dbt_nodes import node
from airflow_provider_catalog.model.dbt_results import result

_MOST_SQL = LIMIT // 4
_MESSAGE = 4_000
_RELATIONS = frozenset({"model", "seed", "snapshot"})
_NAME = re.compile(r'"[^"]*"|`[^`]*`|\[[^\]]*\]|[^."`\[\]]+')


def told(stated: Mapping[str, Any], ran: Mapping[str, Any]) -> dict[str, Any]:
    """With the SQL that was run, without what is secret in it."""
    kept = node(stated)
    code = kept.pop("compiled_code", None) or ran.get("compiled_code")
    return kept | ({"compiled_code": sql(code)} if isinstance(code, str) and len(code) <= _MOST_SQL else {})


def bare(ran: Mapping[str, Any]) -> dict[str, Any]:
    """A node as its result names it; nothing for a test, of which that does not say what it was about."""
    unique_id, relation = str(ran.get("unique_id")), ran.get("relation_name")
    kind = unique_id.partition(".")[0]
    if kind not in _RELATIONS or not isinstance(relation, str) or not relation:
        return {}
    names = ["", "", *(match[0].strip('"`[]') for match in _NAME.finditer(relation))][-3:]
    where = dict(zip(("database", "schema", "name"), names, strict=True))
    return {"unique_id": unique_id, "resource_type": kind, "relation_name": relation, **where}


def went(stated: Mapping[str, Any]) -> dict[str, Any]:
    """A result, without what is secret in what it says."""
    kept = result(stated)
    return kept | ({"message": plain(kept["message"])[:_MESSAGE]} if kept.get("message") else {})
