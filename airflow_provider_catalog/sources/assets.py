"""Airflow assets as datasets.

An asset whose URI says where its data is, is that dataset; any other is a name that only Airflow knows, and a dataset
of the namespace `airflow`.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.masking import mask_text, mask_uri
from airflow_provider_catalog.model.record import AssetRecord
from airflow_provider_catalog.model.statement import Claim
from airflow_provider_catalog.sources.checks import text

NAMESPACE = "airflow"
ASPECT = "airflow_asset"


def dataset_of(asset: AssetRecord | dict[str, Any], path: str) -> DatasetId:
    stated = asset.get("uri") or asset.get("name")
    uri = text(stated, f"{path}/uri")
    name = text(asset.get("name") or uri, f"{path}/name")
    found = DatasetId.from_asset_uri(uri) or DatasetId(NAMESPACE, mask_uri(name))
    if len(found.namespace.encode()) + len(found.name.encode()) > 2_000:
        raise RejectedError(f"{path}/uri: too long")
    return found


def claims_of(asset: AssetRecord | dict[str, Any], dataset: DatasetId) -> list[Claim]:
    """What Airflow calls it, where that is not its URI."""
    uri, name, group = (asset.get(key) for key in ("uri", "name", "group"))
    if not isinstance(name, str) or not isinstance(uri, str) or name == uri:
        return []
    said = {"name": mask_text(name), "uri": mask_uri(uri)}
    return [Claim.of(dataset, ASPECT, {**said, "group": mask_text(group)} if isinstance(group, str) else said)]
