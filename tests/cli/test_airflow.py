"""`airflow catalog …`: the same commands with the same help and exit codes, and no burden to Airflow's others."""

from __future__ import annotations

import json
import sys

import pytest

from tests.cli.test_main import COMMANDS
from tests.deployment import Deployment


def test_help_names_every_command(deployment: Deployment) -> None:
    done = deployment.run("catalog", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: airflow catalog [-h]")
    assert all(f"\n    {name} " in done.stdout or f"\n    {name}\n" in done.stdout for name in COMMANDS)
    assert "[catalog] store_url" in done.stdout


def test_airflows_own_help_names_the_catalog(deployment: Deployment) -> None:
    done = deployment.run("--help")
    assert "catalog" in {line.split()[0] for line in done.stdout.splitlines() if line.strip()}


def test_a_command_has_the_help_of_its_own(deployment: Deployment) -> None:
    done = deployment.run("catalog", "lineage", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: airflow catalog lineage [-h]")
    assert "--direction" in done.stdout


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["catalog"], 2, "required: COMMAND"),
        (["catalog", "no-such-command"], 2, "invalid choice"),
        (["catalog", "lineage"], 2, "required: DATASET"),
        (["catalog", "show", "nothing"], 1, "airflow-catalog: no dataset, job or run named 'nothing'"),
    ],
)
def test_exit_codes_are_those_of_the_command_line(
    deployment: Deployment, args: list[str], code: int, said: str
) -> None:
    done = deployment.run(*args)
    assert done.returncode == code
    assert said in done.stderr


def test_an_answer_is_not_mixed_with_what_airflow_logs(deployment: Deployment) -> None:
    done = deployment.run("catalog", "--store", deployment.store_url, "status", "--output", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["accepted"] == 0
    assert "log_0001" in done.stderr  # the tables were made, and said so


def test_other_commands_of_airflow_load_nothing_heavy_for_it(deployment: Deployment) -> None:
    code = (
        "import sys; import airflow.cli.cli_config; before = set(sys.modules);"
        "from airflow_provider_catalog.cli.airflow import commands; [made] = commands();"
        "import argparse; [each.add_to_parser(argparse.ArgumentParser()) for each in made.args];"
        "print(*(set(sys.modules) - before))"
    )
    done = deployment.python("-c", code)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "airflow_provider_catalog" in loaded
    assert loaded - {"airflow_provider_catalog"} <= sys.stdlib_module_names
