"""Models by the names that people of dbt have for them, in a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.services.dbt_manifest import RELATIONS, Manifest
from airflow_provider_catalog.services.dbt_relations import relation_names

QUOTES = str.maketrans("", "", '"`[]')
"""Around the parts of a relation's name."""
_NEAR = 5


class UnknownModelError(CatalogError):
    """The manifest has no node, or the node no column, of that name. `near`: names that are like it."""

    def __init__(self, what: str, name: str, near: tuple[str, ...], hint: str) -> None:
        like = f"; there is {', '.join(near)}" if near else ""
        super().__init__(f"no {what} named {name!r} in the manifest{like}: {hint}")
        self.what = what
        self.name = name
        self.near = near


class Asked(NamedTuple):
    """A node, or one of its columns."""

    unique_id: str
    column: str = ""


def find(manifest: Manifest, text: str) -> Asked:
    """`MODEL[.COLUMN]`: what the whole text names comes first."""
    names, plain = _names(manifest), text.translate(QUOTES)
    if found := names.get(text.lower()) or names.get(plain.lower()):
        return Asked(_one(manifest, text, found))
    model, dot, column = plain.replace("#", ".").rpartition(".")
    if dot and (found := names.get(model.lower())):
        return Asked(unique_id := _one(manifest, model, found), _column(manifest, unique_id, column))
    near = get_close_matches(plain.lower(), names, _NEAR) or get_close_matches(model.lower(), names, _NEAR)
    hint = "name it as `model`, `package.model`, by its unique_id or by its relation"
    raise UnknownModelError("model", text, tuple(near), hint)


def _names(manifest: Manifest) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for unique_id, node in manifest.nodes.items():
        if node.get("resource_type") in RELATIONS:
            name = str(node.get("name"))
            stated = {unique_id, name, manifest.short_name(unique_id), f"{node.get('package_name')}.{name}"}
            for each in (*stated, *relation_names(manifest, unique_id)):
                found.setdefault(each.lower(), set()).add(unique_id)
    return found


def _one(manifest: Manifest, text: str, found: set[str]) -> str:
    """What `ref` takes: no source, and of several versions the latest."""
    nodes = {each: manifest.nodes[each] for each in sorted(found)}
    referred = [each for each, node in nodes.items() if node.get("resource_type") != "source"] or [*nodes]
    latest = [each for each in referred if nodes[each].get("version") not in (None, "")]
    latest = [each for each in latest if nodes[each]["version"] == nodes[each].get("latest_version")]
    fitting = referred if len(referred) == 1 else latest
    if len(fitting) != 1:
        raise UnknownModelError("single model", text, tuple(nodes), "name one of them by its unique_id")
    return fitting[0]


def _column(manifest: Manifest, unique_id: str, column: str) -> str:
    columns = manifest.columns(unique_id) or {}
    if column.lower() not in columns:
        name = f"{manifest.short_name(unique_id)}.{column}"
        near = tuple(get_close_matches(column, columns.values(), _NEAR)) or tuple(columns.values())[: 2 * _NEAR]
        raise UnknownModelError("column", name, near, "after `dbt docs generate` all of them are known")
    return columns[column.lower()]
