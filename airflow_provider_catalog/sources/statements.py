"""Statements that were made elsewhere: checkpoints, and what one store hands to another.

The payload is a list of model.codec.statement_to_json documents. The codec trusts its own; this one does not trust.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes, Statement
from airflow_provider_catalog.sources.checks import load, mapping, sequence, shape, text
from airflow_provider_catalog.sources.timestamps import instant

Check = Callable[[Any, str], object]


def read(envelope: Envelope) -> Changes:
    documents = sequence(load(envelope.payload), "")
    return Changes(tuple(_statement(document, f"/{i}") for i, document in enumerate(documents)))


def _statement(stated: Any, path: str) -> Statement:
    document = mapping(stated, path)
    for key, check in _CHECKS.items():
        if key not in document:
            raise RejectedError(f"{path}/{key}: is missing")
        check(document[key], f"{path}/{key}")
    try:
        made = codec.statement_from_json(document)
        _ = made.id
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise RejectedError(f"{path}: not a statement: {type(error).__name__}: {error}"[:1_000]) from error
    return made


def _flag(value: Any, path: str) -> None:
    if type(value) is not bool:
        raise RejectedError(f"{path}: expected true or false, found {shape(value)}")


def _number(value: Any, path: str) -> None:
    if type(value) is not int:
        raise RejectedError(f"{path}: expected a whole number, found {shape(value)}")


def _time(value: Any, path: str) -> None:
    _number(value, path)
    instant(value, path)


def _scope(value: Any, path: str) -> None:
    text(value, path, empty=True)


def _job(value: Any, path: str) -> None:
    if value is not None:
        _texts(value, path, 2)


def _texts(value: Any, path: str, wanted: int) -> None:
    parts = sequence(value, path)
    if len(parts) != wanted:
        raise RejectedError(f"{path}: expected {wanted} texts, found {len(parts)} items")
    for i, each in enumerate(parts):
        text(each, f"{path}/{i}", empty=True)


def _run(value: Any, path: str) -> None:
    if value is None:
        return
    parts = sequence(value, path)
    if len(parts) != 5:
        raise RejectedError(f"{path}: expected 5 items, found {len(parts)}")
    text(parts[0], f"{path}/0")
    for i, each in enumerate(parts[1:], 1):
        if each is not None:
            (text if i < 3 else _time)(each, f"{path}/{i}")


def _content(value: Any, path: str) -> None:
    for i, claim in enumerate(sequence(value, path)):
        at = f"{path}/{i}"
        parts = sequence(claim, at)
        if len(parts) != 3:
            raise RejectedError(f"{at}: expected [subject, aspect, value], found {len(parts)} items")
        kind = sequence(parts[0], f"{at}/0")[:1]
        _texts(parts[0], f"{at}/0", 4 if kind == ["column"] else 3)
        text(parts[1], f"{at}/1")


def _lineage(value: Any, path: str) -> None:
    body = mapping(value, path)
    for i, dataset in enumerate(sequence(body.get("datasets"), f"{path}/datasets")):
        _texts(dataset, f"{path}/datasets/{i}", 2)
    for key, row in _ROWS.items():
        for i, each in enumerate(sequence(body.get(key), f"{path}/{key}")):
            _row(each, row, f"{path}/{key}/{i}", len(body["datasets"]))


def _row(value: Any, row: str, path: str, datasets: int) -> None:
    """`row` has a letter for each item: (d)ataset, (n)umber, (c)onfidence, (t)ext."""
    parts = [value] if len(row) == 1 else sequence(value, path)
    if len(parts) != len(row):
        raise RejectedError(f"{path}: expected {len(row)} items, found {len(parts)}")
    for i, (kind, each) in enumerate(zip(row, parts, strict=True)):
        at = path if len(row) == 1 else f"{path}/{i}"
        if kind in "dn":
            _number(each, at)
        if kind == "d" and not 0 <= each < datasets:
            raise RejectedError(f"{at}: there is no dataset {each}")
        if kind == "c" and (type(each) not in (int, float) or not 0 <= each <= 1):
            raise RejectedError(f"{at}: expected a confidence from 0 to 1")
        if kind == "t" and type(each) is not str:
            raise RejectedError(f"{at}: expected a string, found {shape(each)}")


_ROWS = {"reads": "d", "writes": "d", "edges": "ddnc", "columns": "dtdtnnct"}
_CHECKS: dict[str, Check] = {
    "producer": text,
    "time": _time,
    "origin": _number,
    "event": _number,
    "job": _job,
    "run": _run,
    "scope": _scope,
    "complete": _flag,
    "declared": _flag,
    "content": _content,
    "lineage": _lineage,
    "details": mapping,
}
