"""The plugin: once in every process, whichever way it came."""

from __future__ import annotations

import importlib.metadata
import json
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_provider_catalog.plugin import CatalogPlugin
from tests.deployment import Deployment

DROP_IN = Path(__file__).parents[2] / "plugins" / "catalog_plugin.py"
LOADED = """
import json
from airflow import plugins_manager as core
from airflow.sdk import plugins_manager as sdk

loaded = [manager._get_plugins() for manager in (core, sdk)]
print(json.dumps([[[plugin.name for plugin in plugins], errors] for plugins, errors in loaded]))
"""


def plugins_of_the_drop_in() -> list[type[CatalogPlugin]]:
    """Airflow takes every plugin class that it finds in the file, whatever its name."""
    found = runpy.run_path(str(DROP_IN)).values()
    return [each for each in found if isinstance(each, type) and issubclass(each, CatalogPlugin)]


def test_beside_the_entry_point_the_drop_in_contributes_nothing_and_drops_nobody(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow has two managers: that of the task process drops what comes after a name that it has already."""
    monkeypatch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", str(DROP_IN.parent))
    done = deployment.python("-c", LOADED)
    assert done.returncode == 0, done.stderr
    (core, core_errors), (sdk, sdk_errors) = json.loads(done.stdout.splitlines()[-1])
    assert (core_errors, sdk_errors) == ({}, {})
    assert core.count("catalog") == sdk.count("catalog") == 1
    assert sorted(core) == sorted(sdk)
    assert "OpenLineageProviderPlugin" in sdk
    assert "catalog_dropin" not in core


@pytest.mark.parametrize("why", ["not installed", "installed without it"])
def test_without_the_entry_point_the_drop_in_is_the_plugin_under_another_name(
    why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def distribution(_name: str) -> Any:
        if why == "not installed":
            raise importlib.metadata.PackageNotFoundError
        return SimpleNamespace(entry_points=importlib.metadata.EntryPoints())

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    (plugin,) = plugins_of_the_drop_in()
    assert (plugin.name, plugin.__bases__) == ("catalog_dropin", (CatalogPlugin,))


def test_with_the_entry_point_the_drop_in_does_not_even_load_the_plugin() -> None:
    assert "plugin" not in runpy.run_path(str(DROP_IN))
