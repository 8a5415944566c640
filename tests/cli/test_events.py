"""Events in, the catalog out, and the upkeep between."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.worker.events import line


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Ten events, one of them twice, and one line that is none."""
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join([*(line(number) for number in range(10)), line(0), b"{broken"]) + b"\n")
    return path


def test_ingest_counts_and_keeps_bad_lines_as_dead_letters(run: Run, events: Path) -> None:
    done = run("ingest", events, "-o", "json")
    assert done.code == 0
    assert done.json == {"lines": 12, "accepted": 11, "duplicates": 1, "merged": 10, "dead_letters": 1}
    assert "dead-letters list" in done.err
    (letter,) = run("dead-letters", "list", "-o", "json").json
    assert letter["reason"].startswith("not JSON")
    assert run("search", "out", "-o", "json").json["results"][0]["name"] == "out0"


def test_ingest_of_a_packed_file_and_of_stdin(run: Run, events: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = events.with_suffix(".gz")
    packed.write_bytes(gzip.compress(events.read_bytes()))
    assert run("ingest", packed, "-o", "json").json["merged"] == 10
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(line(77))))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run("ingest", "-", "-o", "json").json["merged"] == 1


def test_accepted_only_is_merged_by_a_worker(run: Run, events: Path) -> None:
    assert run("ingest", events, "--no-merge", "-o", "json").json["merged"] == 0
    assert run("status", "-o", "json").json["pending"] == 11
    assert run("worker", "--once", "-o", "json").json["statements"] == 10
    assert run("status", "-o", "json").json["pending"] == 0


def test_a_file_that_is_not_there_is_an_error_of_one_line(run: Run) -> None:
    done = run("ingest", "/no/such/file")
    assert (done.code, done.err.count("\n")) == (1, 1)


def test_a_line_over_the_limit_is_a_dead_letter(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__MAX_EVENT_MB", "1")
    path = tmp_path / "large.ndjson"
    path.write_bytes(line(1) + b"\n" + line(2, pad="x" * 2_000_000) + b"\n")
    done = run("ingest", path, "-o", "json").json
    assert (done["merged"], done["dead_letters"]) == (1, 1)


def test_dead_letters_are_tried_again(run: Run, events: Path) -> None:
    run("ingest", events)
    done = run("dead-letters", "retry", "-o", "json")
    assert (done.code, done.json) == (1, {"tried": 1, "merged": 0, "still_dead": 1})


def test_replay_and_rebuild_change_nothing(run: Run, events: Path) -> None:
    run("ingest", events)
    assert run("replay", "-o", "json").json == {"envelopes": 11, "new": 0, "known": 10, "dead_letters": 1}
    assert run("rebuild", "--diff").code == 0
    assert run("rebuild", "-o", "json").json["equal"]
    assert run("lineage", "out3", "-o", "json").json["total_upstream"] == 1


def test_upkeep_says_what_it_did(run: Run, events: Path) -> None:
    run("ingest", events)
    assert "20 datasets" in run("totals").out
    assert run("retain", "--days", "1", "-o", "json").json.keys() == {"statements", "runs", "envelopes"}
    assert run("status", "-o", "json").json["runs"] == 10


def test_the_database_is_upgraded_and_checked(run: Run) -> None:
    assert run("db", "check").code == 1
    assert "airflow-catalog db upgrade" in run("db", "check").err
    assert run("db", "upgrade").code == 0
    assert run("db", "upgrade").out == "The tables are up to date.\n"
    assert run("db", "check").code == 0


def test_an_export_can_be_ingested_elsewhere(run: Run, events: Path, tmp_path: Path) -> None:
    run("ingest", events)
    target = tmp_path / "export.ndjson"
    assert run("export", "-o", target).code == 0
    lines = target.read_text().splitlines()
    assert lines == run("export").out.splitlines()
    assert [json.loads(one)["schemaURL"].rpartition("/")[2] for one in lines] == ["DatasetEvent"] * 20 + [
        "JobEvent"
    ] * 10
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert run("--store", other, "ingest", target, "-o", "json").json["merged"] == 30
    assert run("--store", other, "lineage", "out3", "-o", "json").json["total_upstream"] == 1
