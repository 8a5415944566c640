"""From a node of dbt to the dataset that the catalog knows it as, by the name of its relation."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.platforms import by_namespace, by_scheme
from airflow_provider_catalog.services.dbt_manifest import Manifest
from airflow_provider_catalog.services.identity import AmbiguousError, find_dataset
from airflow_provider_catalog.sources.dbt.warehouse import is_ephemeral, relation
from airflow_provider_catalog.store.protocol import Entity, Store


def dataset_of(store: Store, manifest: Manifest, unique_id: str, namespace: str = "") -> Entity | None:
    """In this namespace, or, of those of the adapter's kind, in the only one that has it. None: nobody knows it."""
    for name in relation_names(manifest, unique_id):
        found = _exact(store, namespace, name) if namespace else _only(store, manifest, name)
        if found is not None:
            return found
    return None


def relation_names(manifest: Manifest, unique_id: str) -> Iterator[str]:
    """The longest first: some platforms have no databases in the names of their datasets, nor their default schema."""
    parts = _parts(manifest, unique_id)
    if parts is None:
        return
    database, schema, name = parts
    if database:
        yield f"{database}.{schema}.{name}"
    if schema and schema != by_scheme(manifest.adapter).schema:
        yield f"{schema}.{name}"
    elif schema:
        yield name


def bare_name(manifest: Manifest, unique_id: str) -> str:
    """Its alias or identifier; empty where it has no relation."""
    parts = _parts(manifest, unique_id)
    return parts[-1] if parts else ""


def _parts(manifest: Manifest, unique_id: str) -> tuple[str, str, str] | None:
    node = manifest.nodes[unique_id]
    return None if is_ephemeral(node) else relation(node)


def _exact(store: Store, namespace: str, name: str) -> Entity | None:
    uid = DatasetId(namespace, name).uid
    return store.entities([uid]).get(uid)


def _only(store: Store, manifest: Manifest, name: str) -> Entity | None:
    try:
        found = [find_dataset(store, name)]
    except AmbiguousError as several:
        found = [find_dataset(store, each) for each in several.candidates]
    except NotFoundError:
        return None
    platform = by_scheme(manifest.adapter)
    fitting = [each for each in found if by_namespace(each.namespace).name == platform.name]
    fitting = [each for each in fitting if each.name.lower() == name.lower()]
    return fitting[0] if len({each.node for each in fitting}) == 1 else None
