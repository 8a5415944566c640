"""JSON documents: every place in one, one with another value somewhere, and the golden file of what was read."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.statement import Statement


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from paths(each, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


def assert_golden(statements: Sequence[Statement], expected: Path) -> None:
    """With UPDATE_GOLDEN set the file is written first."""
    if os.environ.get("UPDATE_GOLDEN"):
        text = json.dumps([codec.statement_to_json(each) for each in statements], indent=1, ensure_ascii=False)
        expected.write_text(f"{text}\n")
    assert statements == [codec.statement_from_json(document) for document in json.loads(expected.read_text())]
    assert [codec.statement_to_json(each) for each in statements] == json.loads(expected.read_text())
