"""`paths`: where things are that other programs have to be told of, or that people look for."""

from __future__ import annotations

import os
from pathlib import Path

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command
from airflow_provider_catalog.cli.output import pairs


def register(subparsers: Subparsers) -> None:
    command(
        subparsers, "paths", _paths, "show where the DAGs, the dbt package, the store, the spool and airflow.cfg are"
    )


def dbt_package() -> Path:
    """What `packages.yml` of a dbt project names: no package of Python, so in a checkout it is where git has it."""
    from importlib.resources import files

    package = Path(str(files("airflow_provider_catalog")))
    installed = package / "dbt_macros"
    return installed if installed.is_dir() else package.with_name("dbt_macros")


def _paths(context: Context) -> None:
    from importlib.resources import files

    from airflow_provider_catalog.model.masking import mask_uri
    from airflow_provider_catalog.settings import airflow_home

    found = {
        "dags": str(files("airflow_provider_catalog.dags")),
        "dbt": str(dbt_package()),
        "store": mask_uri(context.store_url),
        "spool": context.settings.spool_dir,
        "config": os.environ.get("AIRFLOW_CONFIG") or str(airflow_home(os.environ) / "airflow.cfg"),
    }
    context.show(found, lambda: pairs([*found.items()], context.style))
