"""`crawl glue`: what people see is kept in tests/golden/crawlers/glue/cli.txt, a session in which the lake changes.

`#` is what somebody asks of AWS meanwhile, `!` what they forbid. `UPDATE_GOLDEN=1` writes what is printed now. How long
it took is 0.00 there.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.sources.crawlers.glue.client import GlueClient
from tests.cli.conftest import Run
from tests.deployment import Deployment
from tests.glue.server import GlueServer
from tests.glue_crawled import ACCOUNT, ARN, Lake, table
from tests.glue_registries import Registries, Schema

GOLDEN = Path(__file__).parents[1] / "golden" / "crawlers" / "glue" / "cli.txt"


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    """AWS, as far as the environment says."""
    with GlueServer() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server
    assert not server.failures


def session(text: str, glue: GlueServer, run: Run) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith(("# ", "! ", "$ ")):
            yield line
        if line.startswith("# "):
            operation, _, request = line.removeprefix("# ").partition(" ")
            glue.call(operation, **json.loads(request))
        elif line.startswith("! "):
            glue.deny(line.removeprefix("! "))
        elif line.startswith("$ "):
            done = run(*shlex.split(line.removeprefix("$ airflow-catalog ")))
            yield f"{done.out}{done.err}".rstrip("\n")


def test_what_people_see_is_as_kept(glue: GlueServer, run: Run) -> None:
    expected = GOLDEN.read_text(encoding="utf-8")
    found = re.sub(r"\b\d+\.\d+(?=$|\n)", "0.00", "\n".join(session(expected, glue, run))) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == expected


def test_the_schema_registry_is_read_where_somebody_asks(
    glue: GlueServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our server has none: another one answers for it."""
    Lake(glue).create(table("orders"))
    registries = Registries()
    registries["events"] = {"orders": Schema("AVRO", ("{}",))}
    ask = GlueClient.ask

    def answer(client: GlueClient, operation: str, request: Any) -> Any:
        theirs = getattr(registries, operation, None)
        return theirs(**request) if theirs else ask(client, operation, request)

    monkeypatch.setattr(GlueClient, "ask", answer)
    done = run("crawl", "glue", "--catalog-id", ACCOUNT, "--registries", "-o", "json").json
    assert (done["database"], done["new"]) == (ARN, 2)
    assert (done["schemas"]["database"], done["schemas"]["new"]) == (f"{ARN}:registry", 1)
    registries.pop("events")
    shown = run("crawl", "glue", "--catalog-id", ACCOUNT, "--registries").out.splitlines()
    assert [line.split()[:5] for line in shown] == [
        ["TABLES", "NEW", "CHANGED", "GONE", "UNCHANGED"],
        ["tables", "2", "0", "0", "0"],
        ["schemas", "0", "0", "0", "1"],
    ]


def test_a_region_that_is_said_is_the_one_that_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with GlueServer(region="us-gov-west-1") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        done = run("crawl", "glue", "--catalog-id", ACCOUNT, "--region", "us-gov-west-1", "-o", "json")
        assert done.json["database"] == f"arn:aws-us-gov:glue:us-gov-west-1:{ACCOUNT}"


def test_a_connection_of_airflow_is_crawled(glue: GlueServer, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It alone says where and as whom. Airflow writes to stdout, too, where it was loaded before."""
    Lake(glue).create(table("orders"))
    for name in glue.environment:
        monkeypatch.delenv(name)
    extra = {"region_name": "eu-west-1", "service_config": {"glue": {"endpoint_url": glue.url}}}
    stated = {"conn_type": "aws", "login": "testing", "password": "testing", "extra": extra}
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
    monkeypatch.setenv("AIRFLOW__LOGGING__NAMESPACE_LEVELS", "")
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", json.dumps(stated))
    done = run("crawl", "glue", "--conn-id", "lake", "--catalog-id", ACCOUNT, "-o", "json")
    found = json.loads(done.out[done.out.index("{") :])
    assert (done.err, found["new"], found["database"]) == ("", 2, ARN)
    done = run("crawl", "glue", "--conn-id", "nowhere", "--catalog-id", ACCOUNT)
    assert done.code == 1
    assert done.err == "airflow-catalog: nowhere was not crawled: Airflow has no connection of that name\n"


def test_a_connection_that_airflow_keeps_is_found_outside_of_tasks(deployment: Deployment, glue: GlueServer) -> None:
    Lake(glue).create(table("orders"))
    extra = {"region_name": "eu-west-1", "service_config": {"glue": {"endpoint_url": glue.url}}}
    stated = json.dumps({"conn_type": "aws", "login": "testing", "password": "testing", "extra": extra})
    added = deployment.run("connections", "add", "lake", "--conn-json", stated)
    assert added.returncode == 0, added.stderr
    command = ("crawl", "glue", "--conn-id", "lake", "--catalog-id", ACCOUNT, "-o", "json")
    done = deployment.python("-m", "airflow_provider_catalog.cli", *command, store_url=deployment.store_url)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["new"] == 2


def test_glue_is_crawled_without_airflow(glue: GlueServer, url: str) -> None:
    Lake(glue).create(table("orders"))
    code = (
        "import sys; from airflow_provider_catalog.cli import main\n"
        f"assert main(['--store', {url!r}, 'crawl', 'glue', '--catalog-id', {ACCOUNT!r}]) == 0\n"
        "assert 'airflow' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_says_whose_credentials_count(run: Run) -> None:
    done = run("crawl", "glue", "--help")
    assert done.code == 0
    assert "Credentials are those that boto3 finds" in done.out
