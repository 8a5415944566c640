"""Airflow assets in the events of the OpenLineage provider, which leaves out those whose URI nobody translates.

It asks us about the schemes of `asset-uris` in provider_info. URIs stay as Airflow has them, since assets are compared
by them: installing us must neither break a DAG nor change what it is scheduled by. Every process that makes an asset
loads this, so the rest is imported when one is translated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openlineage.client.event_v2 import Dataset

_LONGEST = 2_000
"""In bytes. An event that names anything longer is refused, by us too, and came through before without the asset."""


def to_openlineage(asset: Any, _lineage_context: Any) -> Dataset | None:
    """The dataset that our own record of the asset names; None where there is none that others could know."""
    from openlineage.client.event_v2 import Dataset

    from airflow_provider_catalog.model.identity import DatasetId

    found = DatasetId.from_asset_uri(asset.uri)
    if found is None or len(f"{found.namespace}{found.name}".encode()) > _LONGEST:
        return None
    return Dataset(namespace=found.namespace, name=found.name)
