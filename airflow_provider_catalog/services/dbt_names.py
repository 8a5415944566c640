"""Models by the names that people of dbt have for them, in a manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.services.dbt_manifest import RELATIONS, Manifest
from airflow_provider_catalog.services.dbt_relations import bare_name, relation_names

QUOTES = str.maketrans("", "", '"`[]')
"""Around the parts of a relation's name."""
_UNREFERRED = {"source": 1, "exposure": 2}
"""What `ref` does not take: the higher the less it is meant."""
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
    names, plain = {**_bare_names(manifest), **_names(manifest)}, text.translate(QUOTES)
    if found := names.get(text.lower()) or names.get(plain.lower()):
        return Asked(_one(manifest, text, found))
    model, dot, column = plain.replace("#", ".").rpartition(".")
    if dot and (found := names.get(model.lower())):
        return Asked(unique_id := _one(manifest, model, found), _column(manifest, unique_id, column))
    hint = "name it as `model`, `package.model`, by its unique_id or by its relation"
    raise UnknownModelError("model", text, _near(manifest, plain), hint)


def alike(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Of these, in small letters, what `MODEL[.COLUMN]` may have been meant to name: those that begin so come first."""
    known = sorted(set(names))
    last = [each for each in last_parts(text.lower()) if each]
    begun = [name for word in last for name in known if name.startswith(word)]
    close = [name for word in last for name in get_close_matches(word, known, _NEAR)]
    return tuple(dict.fromkeys(begun + close))[:_NEAR]


def last_parts(text: str) -> tuple[str, str]:
    """Of the whole, and of what comes before its last dot."""
    rest, _, last = text.replace("#", ".").rpartition(".")
    return last, rest.rpartition(".")[2]


def _near(manifest: Manifest, text: str) -> tuple[str, ...]:
    """As people call them, whichever of their names is like it."""
    names: dict[str, set[str]] = {}
    for unique_id, node in _named(manifest):
        for name in (str(node.get("name")), bare_name(manifest, unique_id)):
            names.setdefault(name.lower(), set()).add(manifest.short_name(unique_id))
    found = (short for name in alike(text, filter(None, names)) for short in sorted(names[name]))
    return tuple(dict.fromkeys(found))[:_NEAR]


def _named(manifest: Manifest) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What one may ask for: relations, and exposures, which are made of some."""
    for unique_id, node in manifest.nodes.items():
        if node.get("resource_type") in {*RELATIONS, *_UNREFERRED}:
            yield unique_id, node


def _names(manifest: Manifest) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for unique_id, node in _named(manifest):
        name = str(node.get("name"))
        stated = {unique_id, name, manifest.short_name(unique_id), f"{node.get('package_name')}.{name}"}
        for each in (*stated, *relation_names(manifest, unique_id)):
            found.setdefault(each.lower(), set()).add(unique_id)
    return found


def _bare_names(manifest: Manifest) -> dict[str, set[str]]:
    """Of relations in the database, for those who know nothing of dbt."""
    found: dict[str, set[str]] = {}
    for unique_id in manifest.relations():
        if name := bare_name(manifest, unique_id):
            found.setdefault(name.lower(), set()).add(unique_id)
    return found


def _one(manifest: Manifest, text: str, found: set[str]) -> str:
    """What `ref` takes, where there is such; and of several versions the latest."""
    nodes = {each: manifest.nodes[each] for each in sorted(found)}
    ranks = {each: _UNREFERRED.get(str(node.get("resource_type")), 0) for each, node in nodes.items()}
    referred = [each for each in nodes if ranks[each] == min(ranks.values())]
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
