"""Targets out of profiles.yml: templates of anybody's making, paths, and what is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from airflow_provider_catalog.errors import ArtifactsError
from airflow_provider_catalog.model.dbt_target import as_target
from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
from airflow_provider_catalog.sources.dbt.folder import found_target
from airflow_provider_catalog.sources.dbt.profile import target

ENV = {"DBT_HOST": "db", "DBT_PORT": "6432", "DBT_TARGET": "prod", "EMPTY": ""}


def profiles(**output: Any) -> str:
    return yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": output}}})


def rendered(template: str) -> Any:
    return target(profiles(type="postgres", host=template), "shop", "", ENV).get("host")


def refused(text: str, profile: str = "shop", name: str = "") -> str:
    with pytest.raises(ArtifactsError) as error:
        target(text, profile, name, ENV, "/home/ann/.dbt/profiles.yml")
    assert error.value.where == "/home/ann/.dbt/profiles.yml"
    return error.value.problem


def test_a_target_is_told_by_the_names_of_the_catalog_and_without_who_logs_in() -> None:
    text = profiles(
        type="postgres", host="db", port="{{ env_var('DBT_PORT') | as_number }}", dbname="shop", schema="prod"
    )
    found = target(text.replace("type:", "user: ann\n      password: hunter2\n      type:"), "shop", "", ENV)
    assert found == {
        "type": "postgres",
        "name": "dev",
        "host": "db",
        "port": 6432,
        "database": "shop",
        "schema": "prod",
    }


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ env_var('DBT_HOST') }}", "db"),
        ("{{ env_var('DBT_HOST') | upper }}.example.com", "DB.example.com"),
        ("{{ env_var('NOT_SET', 'here') }}", "here"),
        ("{% if env_var('DBT_TARGET') == 'prod' %}a{% else %}b{% endif %}", "a"),
        ("{{ var('x', 'y') }}", "y"),
        ("no template: { }", "no template: { }"),
        ("{{ env_var('NOT_SET', '') }}", None),
        ("{{ env_var('EMPTY') }}", None),
    ],
)
def test_templates_are_rendered_as_dbt_does(template: str, text: str | None) -> None:
    assert rendered(template) == text


@pytest.mark.parametrize("template", ["{{ env_var('NOT_SET') }}", "a{{ env_var('NOT_SET', none) | int }}"])
def test_a_variable_that_is_not_set_is_named_and_means_no_other_server(template: str) -> None:
    problem = refused(profiles(type="postgres", host="db", port=template))
    assert "takes 'port' from the environment variable NOT_SET, which is not set" in problem
    assert target(profiles(type="postgres", host="db", password=template), "shop", "", ENV)["host"] == "db"


@pytest.mark.parametrize(
    "template",
    [
        *(
            "{{",
            "{{ 1/0 }}",
            "{{ nobody.knows }}",
            "{{ nobody() }}",
            "{{ 'x' | nothing }}",
            "{% include '/etc/passwd' %}",
        ),
        *("{{ env_var(1, 2, 3) }}", "{{ env_var('DBT_PORT') | int + 'x' }}", "{{ ''.__class__.__mro__ }}"),
        *(
            "{{ cycler.__init__.__globals__.os.environ }}",
            "{{ self.__init__.__globals__ }}",
            "{{ env_var.__globals__ }}",
        ),
        *("{% for i in range(10 ** 9) %}x{% endfor %}", "{{ lipsum.__globals__ }}", "{% import 'os' as os %}"),
    ],
)
def test_templates_that_are_broken_or_evil_give_nothing(template: str) -> None:
    assert rendered(template) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("shop: [", "is not YAML"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
        ("", "has no profile 'shop', only none"),
        ("[]", "has no profile 'shop', only none"),
        ("config: {}\nother: {}\n1: {}", "has no profile 'shop', only 1, other"),
        ("shop: 7", "has no profile 'shop'"),
        ("shop: {}", "has no target 'default' in the profile 'shop'"),
        ("shop: {outputs: []}", "has no target 'default'"),
        ("shop: {target: dev, outputs: {dev: 7}}", "has no target 'dev'"),
        ("shop: {target: \"{{ env_var('DBT_TARGET') }}\", outputs: {}}", "has no target 'prod'"),
    ],
)
def test_what_is_no_profile_is_refused_with_what_there_is(text: str, problem: str) -> None:
    assert problem in refused(text)


def test_a_target_that_is_asked_for_beats_the_choice_of_the_profile() -> None:
    text = yaml.safe_dump(
        {"shop": {"target": "dev", "outputs": {n: {"type": "postgres", "host": n} for n in ("dev", "x")}}}
    )
    assert target(text, "shop", "x", ENV)["host"] == "x"
    assert "has no target 'y'" in refused(text, name="y")


@pytest.mark.parametrize(
    "output",
    [
        {"type": 7},
        {"type": "postgres", "host": ["db"], "port": "²"},
        {"type": "postgres", "port": "5432; drop"},
        {"type": "duckdb", "path": 7, "attach": 7},
        {"type": "duckdb", "path": "/a.duckdb", "attach": [7, {}, {"path": 7}, {"path": ["x"]}]},
        {"type": "duckdb", "path": "/a.duckdb", "attached": 7},
        {"type": "sqlite", "schemas_and_paths": 7},
        {"type": "sqlite", "schemas_and_paths": {"main": None, 7: "x"}},
    ],
)
def test_whatever_shape_a_target_has_nothing_is_raised(output: dict[str, Any]) -> None:
    json.dumps(target(profiles(**output), "shop", "", ENV))
    json.dumps(as_target(output, "/srv/shop"))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("shop.duckdb", "/srv/shop/shop.duckdb"),
        ("data/shop.duckdb", "/srv/shop/data/shop.duckdb"),
        ("/data/shop.duckdb", "/data/shop.duckdb"),
        ("/data/shop.duckdb?access_mode=read_only", "/data/shop.duckdb"),
        (":memory:", ":memory:"),
        ("md:shop?motherduck_token=hunter2", "md:shop"),
        ("s3://lake/shop.duckdb", "s3://lake/shop.duckdb"),
    ],
)
def test_a_relative_path_is_of_the_folder_that_dbt_ran_in(path: str, found: str) -> None:
    made = as_target({"type": "duckdb", "path": path, "attach": [{"path": path, "alias": "other"}]}, "/srv/shop")
    assert made["path"] == found
    assert made["attached"] == {"other": found}
    assert "hunter2" not in json.dumps(made)


@pytest.mark.parametrize(
    ("path", "database"), [("/data/shop.duckdb", "shop"), ("/data/shop", "shop"), (":memory:", "memory")]
)
def test_duckdb_calls_a_database_like_its_file(path: str, database: str) -> None:
    assert as_target({"type": "duckdb", "path": path})["database"] == database
    assert as_target({"type": "duckdb", "path": path, "database": "other"})["database"] == "other"


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ({"type": "bigquery", "project": "p", "dataset": "d"}, {"database": "p", "schema": "d"}),
        ({"type": "databricks", "catalog": "c", "schema": "s"}, {"database": "c", "schema": "s"}),
        ({"type": "postgres", "dbname": "d", "database": "e"}, {"database": "d"}),
    ],
)
def test_adapters_call_databases_and_schemas_by_other_names(stated: dict[str, Any], found: dict[str, Any]) -> None:
    made = as_target(stated)
    assert {key: value for key, value in made.items() if key in ("database", "schema")} == found


# -- where a profile is found


def of_run(project: Path, **args: Any) -> Artifacts:
    return Artifacts({"nodes": {}}, {"args": {"project_dir": str(project), **args}}, {}, {}, {}, {})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    return folder


def host(folder: Path, name: str) -> Path:
    """A profiles.yml there, whose target's host is `name`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profiles.yml").write_text(profiles(type="postgres", host=name))
    return folder


def test_profiles_are_looked_for_in_the_order_in_which_dbt_does(project: Path, tmp_path: Path) -> None:
    env = {"DBT_PROFILES_DIR": str(tmp_path / "env")}
    found = []
    for folder in (tmp_path / "home" / ".dbt", project, tmp_path / "env", project / "args"):
        host(folder, folder.name)
        stated = found_target(of_run(project, profiles_dir="args"), env)
        found.append(stated and stated.get("host"))
    assert found == [".dbt", "project", "env", "args"]


def test_a_folder_that_is_asked_for_is_the_only_one(project: Path, tmp_path: Path) -> None:
    host(project, "project")
    asked = found_target(of_run(project), {}, profiles_dir=str(host(tmp_path / "asked", "asked")))
    assert asked is not None
    assert asked["host"] == "asked"
    with pytest.raises(ArtifactsError, match=r"there is no profiles\.yml"):
        found_target(of_run(project), {}, profiles_dir=str(tmp_path / "empty"))


def test_without_any_profile_there_is_no_target(project: Path) -> None:
    assert found_target(of_run(project), {}) is None


@pytest.mark.parametrize("text", ["", "[", "7", "profile: ''", "name: x"])
def test_a_project_that_names_no_profile_has_none(project: Path, text: str) -> None:
    host(project, "project")
    (project / "dbt_project.yml").write_text(text)
    assert found_target(of_run(project), {}) is None
    asked = found_target(of_run(project), {}, profile="shop")
    assert asked is not None
    assert asked["host"] == "project"


def test_the_target_of_the_run_is_the_one_that_is_meant(project: Path) -> None:
    outputs = {name: {"type": "postgres", "host": name} for name in ("dev", "prod", "ci")}
    (project / "profiles.yml").write_text(yaml.safe_dump({"shop": {"target": "dev", "outputs": outputs}}))
    stated = (
        found_target(of_run(project), {}),
        found_target(of_run(project), {"DBT_TARGET": "ci"}),
        found_target(of_run(project, target="prod"), {"DBT_TARGET": "ci"}),
        found_target(of_run(project, target="prod"), {}, name="dev"),
    )
    assert [each and each.get("host") for each in stated] == ["dev", "ci", "prod", "dev"]


def test_a_profile_that_is_not_utf_8_is_read_as_far_as_it_is(project: Path) -> None:
    host(project, "project")
    (project / "profiles.yml").write_bytes((project / "profiles.yml").read_bytes() + b"# \xff\n")
    found = found_target(of_run(project), {})
    assert found is not None
    assert found["host"] == "project"
