"""What Airflow's provider discovery asks for. `package-name` must equal the distribution's name or discovery fails."""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog import __version__


def get_provider_info() -> dict[str, Any]:
    return {
        "package-name": "airflow-provider-catalog",
        "name": "Data Catalog",
        "description": "A data catalog inside Apache Airflow: lineage, search and classification of your datasets.\n",
        "versions": [__version__],
    }
