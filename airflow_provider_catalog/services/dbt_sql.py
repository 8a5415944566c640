"""SQL of one node in two manifests: whether it is another one, whatever columns come to.

What belongs to a target or a run makes no difference: where relations are, dates, comments, the case of words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from airflow_provider_catalog.services.dbt_manifest import Manifest
from airflow_provider_catalog.sources.dbt.project import dotted
from airflow_provider_catalog.sources.dbt.warehouse import dialect_of
from airflow_provider_catalog.sources.sql.moments import timeless
from airflow_provider_catalog.sources.sql.names import Names
from airflow_provider_catalog.sources.sql.session import Session

_NAMES = frozenset({"VAR", "IDENTIFIER"})
_AS_WRITTEN = frozenset({"IDENTIFIER", "STRING", "NATIONAL_STRING", "RAW_STRING", "HEREDOC_STRING", "BYTE_STRING"})


def is_rewritten(old: Manifest, new: Manifest, unique_id: str) -> bool:
    """Of the same file and the same macros it is not: what differs then was put in by the run, as the time of it. Nor
    are dates and high numbers anything else, unless the file has others as well.
    """
    same = old.checksum(unique_id) and old.checksum(unique_id) == new.checksum(unique_id)
    if same and old.macros(unique_id) == new.macros(unique_id):
        return False
    was, now = (_compiled(each, unique_id) for each in (old, new))
    if _words(old, timeless(was)) != _words(new, timeless(now)):
        return True
    return _words(old, was) != _words(new, now) and _literals(old, unique_id) != _literals(new, unique_id)


def _compiled(manifest: Manifest, unique_id: str) -> str:
    return str(manifest.nodes[unique_id]["compiled_code"])


def _literals(manifest: Manifest, unique_id: str) -> list[str]:
    """Of the file, as somebody has written them."""
    tokens = _tokens(manifest, str(manifest.nodes[unique_id].get("raw_code") or ""))
    return [str(each.text) for each in tokens or () if each.token_type.name in ("NUMBER", "STRING")]


def _words(manifest: Manifest, sql: str) -> list[str]:
    tokens = _tokens(manifest, sql)
    return sql.split() if tokens is None else [_word(manifest, run) for run in _runs(tokens)]


def _tokens(manifest: Manifest, sql: str) -> Sequence[Any] | None:
    """Without comments; None for what is no SQL."""
    try:
        found: Sequence[Any] = Session(dialect_of(manifest.adapter), Names()).language.tokenize(sql)
    except Exception:  # noqa: BLE001  a lexer raises anything
        return None
    return found


def _runs(tokens: Sequence[Any]) -> Iterator[list[Any]]:
    """Names with dots between them, each with all of its parts; else one by one."""
    run: list[Any] = []
    for token in tokens:
        kind = token.token_type.name
        if run and (kind == "DOT" or (kind in _NAMES and run[-1].token_type.name == "DOT")):
            run.append(token)
            continue
        if run:
            yield run
            run = []
        if kind in _NAMES:
            run = [token]
        else:
            yield [token]
    if run:
        yield run


def _word(manifest: Manifest, run: Sequence[Any]) -> str:
    """A node in the place of its relation."""
    if len(run) > 1 and (found := manifest.project.find(dotted([str(each.text) for each in run[::2]]))):
        return found
    return "".join(_text(each) for each in run)


def _text(token: Any) -> str:
    kind, text = token.token_type.name, str(token.text)
    return f"{kind} {text}" if kind in _AS_WRITTEN else text.lower()
