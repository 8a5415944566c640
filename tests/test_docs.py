"""The documents say what is so: the tour of the README is run, and links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from airflow_provider_catalog.cli import main
from airflow_provider_catalog.services.lineage.answer import CRITICALITY

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
_COMMAND = re.compile(r"airflow-catalog ([a-z][a-z-]+)")


def test_the_tour_of_the_readme_shows_what_one_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.delenv("AIRFLOW__CATALOG__STORE_URL", raising=False)
    monkeypatch.chdir(ROOT)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    steps = [
        step
        for block in _CONSOLE.findall(text)
        for step in re.split(r"^\$ airflow-catalog ", block, flags=re.MULTILINE)[1:]
    ]
    assert len(steps) > 5
    for step in steps:
        command, _, expected = step.partition("\n")
        assert main(shlex.split(command)) == 0, command
        assert capsys.readouterr().out == expected, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    missing = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_is_there(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in set(_COMMAND.findall(page.read_text(encoding="utf-8"))):
        assert main([name, "--help"]) == 0, name


def test_the_thresholds_of_criticality_are_documented() -> None:
    text = (ROOT / "docs" / "lineage.md").read_text(encoding="utf-8")
    for threshold, name in CRITICALITY:
        assert f"| {threshold} and up | {name} |" in text or (threshold == 0 and f"| {name} |" in text)


def test_the_map_stays_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) < 150
