"""What the catalog was told of a dbt project: by node, in one target of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.sources.dbt.nodes import TOLD
from airflow_provider_catalog.sources.dbt.places import NODE, Places
from airflow_provider_catalog.sources.dbt.words import DBT
from airflow_provider_catalog.store.protocol import Entity, Store

_PAGE = 2_000


class Told(NamedTuple):
    """Of one node. `at`: the time of that; `made`: when it was made anew after somebody had looked at it; digests of
    what it says (`fingerprint`), of what its columns follow from (`shape`), of what the database had (`seen`), of what
    it was compiled to (`sql`); `columns`: those of which something was said; `gone`: what it takes to take it back, but
    for what it was to dbt.
    """

    at: int
    made: str
    fingerprint: str
    shape: str
    seen: str
    sql: str
    columns: tuple[str, ...]
    gone: dict[str, Any]


def told_of(store: Store, places: Places) -> dict[int, Told]:
    """Of what was told in this target and is not taken back, by the node's number."""
    found: dict[int, Told] = {}
    namespace = places.entity({"unique_id": "any"}).namespace
    for page in _scanned(store, namespace):
        names = {each.uid: each.name for each in page}
        for fact in store.facts(names, aspects=(TOLD,)):
            value = fact.value
            if isinstance(value, dict) and _is_ours(value, places):
                found[fact.subject] = _told(names[fact.subject], fact.valid_from, value)
    return found


def taken_back(store: Store, told: Mapping[int, Told]) -> Iterator[dict[str, Any]]:
    """Of nodes that are no more."""
    facts = store.facts(told, aspects=(DBT,)) if told else ()
    said = {fact.subject: fact.value for fact in facts if isinstance(fact.value, dict)}
    for uid, each in told.items():
        about = said.get(uid, {})
        yield each.gone | {key: about.get(key) for key in ("unique_id", "resource_type")}


def _told(name: str, at: int, value: dict[str, Any]) -> Told:
    made, fingerprint, shape, seen, sql = (
        str(value.get(key) or "") for key in ("made", "fingerprint", "shape", "seen", "sql")
    )
    columns = tuple(value.get("columns") or ())
    gone = {"entity": name} | {key: value[key] for key in ("dataset", "job", "checked") if key in value}
    return Told(
        at, made, fingerprint, shape, seen, sql, columns, gone | ({"spoken_of": list(columns)} if columns else {})
    )


def _is_ours(value: dict[str, Any], places: Places) -> bool:
    return value.get("project") == places.project and value.get("target") == places.target


def _scanned(store: Store, namespace: str) -> Iterator[list[Entity]]:
    after: int | None = None
    while page := store.scan(NODE, limit=_PAGE) if after is None else store.scan(NODE, after=after, limit=_PAGE):
        after = page[-1].uid
        if ours := [each for each in page if each.namespace == namespace]:
            yield ours
