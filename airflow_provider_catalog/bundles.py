"""The DAGs that come with the package as a DAG bundle: in `[dag_processor] dag_bundle_config_list` it needs no path."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from airflow.dag_processing.bundles.base import BaseDagBundle


class CatalogDagBundle(BaseDagBundle):
    """They change when the package is installed anew, and with it everything else: no version is kept."""

    supports_versioning = False

    @property
    def path(self) -> Path:
        return Path(str(files("airflow_provider_catalog.dags")))

    def get_current_version(self) -> None:
        return None

    def refresh(self) -> None:
        """There is nowhere to fetch them from."""
