"""The plugin of the catalog for those who deploy folders: put this file into Airflow's plugins folder.

Where airflow-provider-catalog is installed its entry point brings the plugin, and this file contributes nothing. It has
another name than the entry point's, since of two plugins of one name a task process drops the second and all after it.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution


def _comes_by_entry_point() -> bool:
    try:
        installed = distribution("airflow-provider-catalog")
    except PackageNotFoundError:
        return False
    return bool(installed.entry_points.select(group="airflow.plugins"))


if not _comes_by_entry_point():
    from airflow_provider_catalog import plugin

    # Not imported by its name: Airflow takes every plugin class that it finds in this module.
    class CatalogDropIn(plugin.CatalogPlugin):
        """The same under another name."""

        name = "catalog_dropin"
