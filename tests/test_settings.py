"""The `[catalog]` options: where they come from, what is refused, and that each is documented."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.settings import Settings, settings

DOCUMENTED = Path(__file__).parents[1] / "docs" / "configuration.md"


def read(home: Path, section: str = "", **environ: str) -> Settings:
    """`section`: the body of [catalog] in airflow.cfg."""
    if section:
        (home / "airflow.cfg").write_text(f"[core]\nexecutor = LocalExecutor\n\n[catalog]\n{section}\n")
    return settings(
        {"AIRFLOW_HOME": str(home), **{f"AIRFLOW__CATALOG__{name}": value for name, value in environ.items()}}
    )


def test_without_any_setting_the_store_is_in_airflow_home(tmp_path: Path) -> None:
    assert read(tmp_path).store_url == f"sqlite:///{tmp_path}/catalog.db"
    assert settings({"HOME": "/nowhere"}).store_url == "sqlite:////nowhere/airflow/catalog.db"


def test_the_environment_wins_over_the_file_and_a_command_named_there_too(tmp_path: Path) -> None:
    command = "printf sqlite:////from/command.db"
    assert read(tmp_path, STORE_URL_CMD=command).store_url == "sqlite:////from/command.db"
    in_file = "store_url = sqlite:////from/file.db"
    assert read(tmp_path, in_file, STORE_URL_CMD=command).store_url == "sqlite:////from/command.db"
    assert read(tmp_path, in_file, STORE_URL="sqlite:////from/env.db").store_url == "sqlite:////from/env.db"


def test_a_command_may_stand_in_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, "store_url_cmd = printf x://y").store_url == "x://y"


def test_another_file_may_be_named(tmp_path: Path) -> None:
    other = tmp_path / "other.cfg"
    other.write_text("[catalog]\nmax_event_mb = 3\n")
    assert settings({"AIRFLOW_HOME": str(tmp_path), "AIRFLOW_CONFIG": str(other)}).max_event_mb == 3


def test_home_can_be_written_into_the_url(tmp_path: Path) -> None:
    assert read(tmp_path, "store_url = sqlite:///{AIRFLOW_HOME}/x.db").store_url == f"sqlite:///{tmp_path}/x.db"


def test_every_kind_of_option_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path, 'max_event_mb = 2\nnamespace_aliases = {"a": "b"}', LOG_RETENTION_DAYS="7", EDGE_PATIENCE="5"
    )
    assert (found.max_event_bytes, found.log_retention_days, found.edge_patience) == (2 * 1024 * 1024, 7, 5)
    assert found.namespace_aliases == {"a": "b"}


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("MAX_EVENT_MB", "much", "not a whole number"),
        ("MAX_EVENT_MB", "0", "at least 1"),
        ("MAX_EVENT_MB", "-3", "not a whole number"),
        ("STORE_URL", " ", "empty"),
        ("INGEST_URL", "host/catalog", "https://HOST/catalog/"),
        ("INGEST_TOKEN_CMD", "false", "exit code 1"),
        ("NAMESPACE_ALIASES", "a=b", "JSON object"),
        ("NAMESPACE_ALIASES", '{"a": 1}', "JSON object"),
        ("STORE_URL_CMD", "false", "exit code 1"),
        ("STORE_URL_CMD", "no-such-command-anywhere", "does not run"),
        ("STORE_URL_CMD", "'", "does not run"),
    ],
)
def test_a_wrong_value_is_named_with_its_option(tmp_path: Path, option: str, value: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        read(tmp_path, **{option: value})
    assert caught.value.option == option.lower().removesuffix("_cmd")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path, "no equals sign and no indentation\n[")


def test_a_percent_sign_that_airflow_would_stumble_over_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="%%"):
        read(tmp_path, "store_url = postgresql://u:p%40@h/db")
    assert read(tmp_path, "store_url = postgresql://u:p%%40@h/db").store_url == "postgresql://u:p%40@h/db"


def test_settings_do_not_show_urls_and_tokens(tmp_path: Path) -> None:
    assert "hunter2" not in repr(read(tmp_path, STORE_URL="postgresql://u:hunter2@h/db"))
    assert "hunter2" not in repr(read(tmp_path, INGEST_URL="https://t:hunter2@h/catalog/", INGEST_TOKEN="hunter2"))


def test_the_token_may_come_from_a_command_and_be_left_empty(tmp_path: Path) -> None:
    found = read(tmp_path, "ingest_url = https://h/catalog/\ningest_token_cmd = printf secret")
    assert (found.ingest_url, found.ingest_token) == ("https://h/catalog/", "secret")
    left_empty = read(tmp_path, "ingest_url =\ningest_token =")
    assert (left_empty.ingest_url, left_empty.ingest_token) == ("", "")


def test_where_only_a_server_was_told_of_tasks_ask_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    server, store = "https://h/catalog/", "postgresql://h/db"
    assert read(tmp_path).nearest_url == f"sqlite:///{tmp_path}/catalog.db"
    assert read(tmp_path, INGEST_URL=server).nearest_url == server
    assert read(tmp_path, INGEST_URL=server, STORE_URL=store).nearest_url == store
    assert read(tmp_path, STORE_URL=server).nearest_url == server
    assert [read(tmp_path, INGEST_URL=server).only_http, read(tmp_path).only_http] == [True, False]
    (tmp_path / "catalog.db").touch()
    assert not read(tmp_path, INGEST_URL=server).only_http


def test_settings_load_nothing_but_the_standard_library() -> None:
    code = "import sys, airflow_provider_catalog.settings; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"airflow", "sqlalchemy", "openlineage", "orjson", "rich", "yaml"}


def test_targets_are_listed_in_their_order_and_each_once(tmp_path: Path) -> None:
    assert read(tmp_path).publish == read(tmp_path, PUBLISH=" ").publish == ()
    assert read(tmp_path, PUBLISH=" b.C ,a, ,b.C,").publish == ("b.C", "a")


def test_every_option_is_documented_with_its_default() -> None:
    text = DOCUMENTED.read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(\w+)` \| (?:`([^`]*)` )?\|", text, re.MULTILINE))
    assert documented.keys() == {option.name for option in fields(Settings)}
    home = {"AIRFLOW_HOME": "/home"}
    stated = {f"AIRFLOW__CATALOG__{name.upper()}": default for name, default in documented.items()}
    assert settings(home | stated) == settings(home)
