"""OpenLineage facets as data: their names, and the schemas they are written by."""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog import __version__
from airflow_provider_catalog.model.statement import Json

PRODUCER = f"https://pypi.org/project/airflow-provider-catalog/{__version__}"
_BASE = "https://openlineage.io/spec/facets/"
_DATASET = {
    "catalog": "1-1-0/CatalogDatasetFacet",
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "dataQualityMetrics": "1-0-1/DataQualityMetricsDatasetFacet",
    "dataSource": "1-0-1/DatasourceDatasetFacet",
    "datasetType": "1-0-1/DatasetTypeDatasetFacet",
    "documentation": "1-1-0/DocumentationDatasetFacet",
    "hierarchy": "1-0-0/HierarchyDatasetFacet",
    "lifecycleStateChange": "1-0-1/LifecycleStateChangeDatasetFacet",
    "ownership": "1-0-1/OwnershipDatasetFacet",
    "schema": "1-2-0/SchemaDatasetFacet",
    "storage": "1-0-1/StorageDatasetFacet",
    "symlinks": "1-0-1/SymlinksDatasetFacet",
    "tags": "1-0-0/TagsDatasetFacet",
}
_JOB = {
    "documentation": "1-1-0/DocumentationJobFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
    "lineage": "1-0-0/LineageFacet.json#/$defs/LineageJobFacet",
    "ownership": "1-0-1/OwnershipJobFacet",
    "sourceCode": "1-0-1/SourceCodeJobFacet",
    "sourceCodeLocation": "1-1-0/SourceCodeLocationJobFacet",
    "sql": "1-1-0/SQLJobFacet",
    "tags": "1-0-0/TagsJobFacet",
}
DATASET_ASPECTS = frozenset(_DATASET) - {"columnLineage", "dataQualityMetrics", "lifecycleStateChange", "tags"}
JOB_ASPECTS = frozenset(_JOB) - {"lineage", "sql", "tags"}


def facet(name: str, value: Json, *, job: bool = False) -> dict[str, Any]:
    """The value in the form of a facet. One that nobody here knows is given on as it came."""
    body = value if isinstance(value, dict) else {"value": value}
    schema = (_JOB if job else _DATASET).get(name)
    if schema is None:
        return {"_producer": PRODUCER, "_schemaURL": f"{_BASE}1-0-0/BaseFacet.json", **body}
    if "#" not in schema:
        schema = f"{schema}.json#/$defs/{schema.rpartition('/')[2]}"
    return {"_producer": PRODUCER, "_schemaURL": f"{_BASE}{schema}", **body}
