"""What was found becomes an event of OpenLineage in the log. It holds all that it says: read again it says the same."""

from __future__ import annotations

import json

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Json, canonical_json, digest
from airflow_provider_catalog.services.facets import facet
from airflow_provider_catalog.services.times import iso, now
from airflow_provider_catalog.targets.files.known import FACET, Known
from airflow_provider_catalog.targets.files.storage import NAME, File

_KIND = "openlineage"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent"


def version(file: File) -> str:
    """Of what was read. In one folder two files may have one content."""
    return digest(file.path.encode("utf-8", "replace"), file.version.encode(), str(file.size).encode()).hex()


def columns(known: Known, layer: str, file: File, fields: list[Json]) -> Envelope | None:
    """As of when the file was written. None: the catalog was told so before."""
    fingerprint = digest(canonical_json(fields)).hex()
    if fingerprint == known.fingerprint:
        return None
    mark: dict[str, Json] = {"path": file.path, "modified": iso(file.modified), "bytes": file.size}
    facets: dict[str, dict[str, Json]] = {
        "schema": {"fields": fields},
        FACET: {**mark, "version": version(file), "fingerprint": fingerprint},
    }
    if not known.stored:
        facets["storage"] = {"storageLayer": layer, "fileFormat": "parquet"}
    return _envelope(known, min(file.modified, now()), facets, fingerprint)


def nothing(known: Known) -> Envelope | None:
    """Somebody else knows the columns by now, so our word is taken back. When that was stays: what we may say another
    time comes after it. None: there is no word of ours.
    """
    if known.elsewhere is None or not known.fingerprint:
        return None
    return _envelope(known, known.elsewhere, {"schema": {"_deleted": True}, FACET: {"elsewhere": True}}, "")


def _envelope(known: Known, at: int, facets: dict[str, dict[str, Json]], becomes: str) -> Envelope:
    """Later than what it takes the place of."""
    made = {name: facet(name, body) for name, body in facets.items()}
    event = {
        "eventTime": iso(max(at, known.since + 1)),
        "producer": NAME,
        "schemaURL": _EVENT,
        "dataset": {"namespace": known.dataset.namespace, "name": known.dataset.name, "facets": made},
    }
    payload = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
    return Envelope(_KIND, payload, NAME, key=f"{NAME} {known.dataset.uid} {known.since} {becomes}")
