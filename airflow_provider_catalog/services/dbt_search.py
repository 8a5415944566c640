"""Models by the names that people of dbt have for them, in the catalog."""

from __future__ import annotations

import re

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.dbt_manifest import Manifest
from airflow_provider_catalog.services.dbt_names import QUOTES, UnknownModelError, alike, find, last_parts
from airflow_provider_catalog.services.dbt_relations import dataset_of
from airflow_provider_catalog.services.identity import AmbiguousError, find_dataset, find_entity
from airflow_provider_catalog.services.naming import full_name, label
from airflow_provider_catalog.sources.dbt.nodes import TOLD
from airflow_provider_catalog.sources.dbt.places import NODE
from airflow_provider_catalog.store.protocol import Entity, Store

_UNIQUE_ID = re.compile(r"(?:model|snapshot|seed|source)\.(?=[^.]+\.[^.]+)")
_PARTS = re.compile(r"[./:#]")
_LOOKED_AT = 1_000


def dataset_and_column(store: Store, text: str, manifest: Manifest | None) -> tuple[Entity, str]:
    """`MODEL[.COLUMN]`: what the whole text names comes first. A manifest knows names that the catalog does not."""
    if manifest is not None and (known := _by_manifest(store, text, manifest)):
        return known
    plain = text.translate(QUOTES)
    model, dot, column = plain.replace("#", ".").rpartition(".")
    if found := _named(store, plain):
        return found, ""
    if dot and (found := _named(store, model)):
        return found, column
    raise NotFoundError("model", text, _reader(store, plain) or _hint(store, plain))


def _by_manifest(store: Store, text: str, manifest: Manifest) -> tuple[Entity, str] | None:
    """A catalog may know more projects than the one at hand."""
    try:
        asked = find(manifest, text)
    except UnknownModelError:
        return None
    dataset = dataset_of(store, manifest, asked.unique_id)
    return (dataset, asked.column) if dataset else None


def _named(store: Store, name: str) -> Entity | None:
    """By its relation, else by the job that makes it, else as a node: those of dbt end with project and model."""
    short = _UNIQUE_ID.sub("", name)
    several: AmbiguousError | None = None
    try:
        if _is_called(found := find_dataset(store, short), short):
            return found
    except AmbiguousError as error:
        several = error if any(_is_called(each, short) for each in error.candidates) else None
    except NotFoundError:
        pass
    made = _made_by(store, short) or _of_node(store, short)
    if made is None and several is not None:
        raise several
    return made


def _is_called(found: Entity | str, name: str) -> bool:
    """And does not only begin so."""
    stated = found if isinstance(found, str) else found.name
    return _PARTS.split(stated.lower())[-1] == _PARTS.split(name.lower())[-1]


def _only(store: Store, name: str, kind: str) -> Entity | None:
    try:
        found = find_entity(store, name, (kind,))
    except NotFoundError:
        return None
    return found if _is_called(found, name) else None


def _made_by(store: Store, name: str) -> Entity | None:
    job = _only(store, name, "job")
    made = {port.dataset for port in store.ports(jobs=[job.uid]) if port.direction == "w"} if job else set()
    return store.entities(made).get(made.pop()) if len(made) == 1 else None


def _of_node(store: Store, name: str) -> Entity | None:
    """What no job makes: a source may go by another name than its relation."""
    node = _only(store, name, NODE)
    told = store.facts([node.uid], aspects=(TOLD,)) if node else []
    places = [fact.value.get("dataset") for fact in told if isinstance(fact.value, dict)]
    uids = {DatasetId(*map(str, place)).uid for place in places if isinstance(place, list) and len(place) == 2}
    return store.entities(uids).get(uids.pop()) if len(uids) == 1 else None


def _reader(store: Store, name: str) -> str:
    """What to ask instead of a job that makes nothing: an exposure."""
    job = _only(store, name, "job")
    ports = store.ports(jobs=[job.uid]) if job else []
    if job is None or not ports or any(port.direction == "w" for port in ports):
        return ""
    read = sorted(each.name for each in store.entities({port.dataset for port in ports}).values())
    return f"{full_name(job)} makes no dataset, and reads {', '.join(read)}: ask for those"


def _hint(store: Store, name: str) -> str:
    stated = sorted({each for part in last_parts(name) for each in (part, part[:2]) if each})
    begun = (each for some in stated for each in store.find(some, kinds=("dataset",), limit=_LOOKED_AT))
    names = {label(each).name.lower(): label(each).name for each in begun}
    like = f"there is {', '.join(names[each] for each in near)}; " if (near := alike(name, names)) else ""
    return f"{like}--target names the folder of a manifest that has it"
