"""Models by the names that people of dbt have for them, in the catalog."""

from __future__ import annotations

import re
from difflib import get_close_matches

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.services.dbt_manifest import Manifest
from airflow_provider_catalog.services.dbt_names import QUOTES, UnknownModelError, find
from airflow_provider_catalog.services.dbt_relations import dataset_of
from airflow_provider_catalog.services.identity import AmbiguousError, find_dataset, find_entity
from airflow_provider_catalog.services.naming import label
from airflow_provider_catalog.store.protocol import Entity, Store

_UNIQUE_ID = re.compile(r"(?:model|snapshot|seed|source)\.(?=[^.]+\.[^.]+)")
_NEAR, _LOOKED_AT = 5, 1_000


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
    raise NotFoundError("model", text, _hint(store, plain))


def _by_manifest(store: Store, text: str, manifest: Manifest) -> tuple[Entity, str] | None:
    """A catalog may know more projects than the one at hand."""
    try:
        asked = find(manifest, text)
    except UnknownModelError:
        return None
    dataset = dataset_of(store, manifest, asked.unique_id)
    return (dataset, asked.column) if dataset else None


def _named(store: Store, name: str) -> Entity | None:
    """By its relation, else by the job that makes it: those of dbt end with project and model."""
    short = _UNIQUE_ID.sub("", name)
    several: AmbiguousError | None = None
    try:
        return find_dataset(store, short)
    except AmbiguousError as error:
        several = error
    except NotFoundError:
        pass
    found = _made_by(store, short)
    if found is None and several is not None:
        raise several
    return found


def _made_by(store: Store, name: str) -> Entity | None:
    try:
        job = find_entity(store, name, ("job",))
    except NotFoundError:
        return None
    made = {port.dataset for port in store.ports(jobs=[job.uid]) if port.direction == "w"}
    return store.entities(made).get(made.pop()) if len(made) == 1 else None


def _hint(store: Store, name: str) -> str:
    begun = store.find(name.rpartition(".")[2][:2], kinds=("dataset",), limit=_LOOKED_AT)
    names = {label(each).name.lower(): label(each).name for each in begun}
    near = get_close_matches(name.rpartition(".")[2].lower(), names, _NEAR)
    like = f"there is {', '.join(names[each] for each in near)}; " if near else ""
    return f"{like}--target names the folder of a manifest that has it"
