"""The spool: whatever ends a process, what was appended is there, whole, until the log has it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from airflow_provider_catalog.capture import spool as module
from airflow_provider_catalog.capture.spool import Spool

ROOM = 1 << 30


def payloads(spool: Spool) -> list[bytes]:
    return [envelope.payload for batch in spool.batches() for envelope in batch.envelopes]


def filled(spool: Spool, count: int) -> list[bytes]:
    sent = [json.dumps({"n": number}).encode() for number in range(count)]
    for payload in sent:
        spool.append("task", payload)
    return sent


def test_what_was_appended_comes_out_in_order_and_only_until_it_is_removed(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", ROOM)
    sent = filled(spool, 5)
    (batch,) = spool.batches()
    assert [e.payload for e in batch.envelopes] == sent
    assert {e.kind for e in batch.envelopes} == {"task"}
    spool.remove(batch)
    assert payloads(spool) == []


def test_an_empty_spool_needs_no_directory(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "none", ROOM)
    assert payloads(spool) == []
    assert spool.waiting() == module.Waiting()
    assert not spool.path.exists()


def test_large_ones_come_in_batches_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH_BYTES", 10)
    spool = Spool(tmp_path, ROOM)
    for _ in range(3):
        spool.append("task", b"x" * 20)
    assert [len(batch.envelopes) for batch in spool.batches()] == [1, 1, 1]


def test_what_waits_long_is_packed_and_comes_out_as_it_went_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACK", 10)
    spool = Spool(tmp_path, ROOM)
    sent = [*filled(spool, 24), b"\xff\xfe no UTF-8"]
    spool.append("openlineage", sent[-1])
    spool.tidy()
    assert spool.waiting().packed == 2
    assert spool.waiting().records == 25
    assert payloads(spool) == sent


def test_over_its_room_the_oldest_go_and_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACK", 10)
    spool = Spool(tmp_path, 1)
    sent = filled(spool, 25)
    spool.tidy()
    assert spool.waiting().dropped == 20
    assert payloads(spool) == sent[20:]


def test_a_pack_that_a_disk_has_spoilt_does_not_stop_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACK", 10)
    spool = Spool(tmp_path, ROOM)
    sent = filled(spool, 25)
    spool.tidy()
    first = min((tmp_path / "packed").iterdir())
    first.write_bytes(first.read_bytes()[:30])
    assert payloads(spool) == sent[10:]
    assert spool.waiting().unreadable == 1


def test_what_a_killed_writer_left_is_never_read_and_goes_away(tmp_path: Path) -> None:
    spool = Spool(tmp_path, ROOM)
    filled(spool, 1)
    torn = tmp_path / "tmp" / "1-1-a-0.task"
    torn.write_bytes(b'{"ha')
    os.utime(torn, (0, time.time() - 7200))
    assert len(payloads(spool)) == 1
    spool.tidy()
    assert not torn.exists()


APPEND = """
import sys
from pathlib import Path
from airflow_provider_catalog.capture.spool import Spool
spool = Spool(Path(sys.argv[1]), 1 << 30)
for number in range(10_000_000):
    spool.append("task", b'{"n": %d, "pad": "%s"}' % (number, b"x" * 5000))
    print(number, flush=True)
"""


def test_a_writer_killed_anywhere_loses_nothing_it_was_told_is_kept(tmp_path: Path) -> None:
    """F1: ten times, each somewhere else."""
    for turn in range(10):
        folder = tmp_path / str(turn)
        with subprocess.Popen([sys.executable, "-c", APPEND, str(folder)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            told = [int(writer.stdout.readline()) for _ in range(turn * 7 + 1)]
            writer.kill()
            told += [int(line) for line in writer.stdout.read().split()]
        kept = [json.loads(payload)["n"] for payload in payloads(Spool(folder, ROOM))]
        assert kept[: len(told)] == told
        assert kept == list(range(len(kept)))


def test_only_one_at_a_time_takes_out(tmp_path: Path) -> None:
    spool, other = Spool(tmp_path, ROOM), Spool(tmp_path, ROOM)
    with spool.locked() as mine:
        assert mine
        with other.locked() as too:
            assert not too
        ours = subprocess.run(
            [sys.executable, "-c", LOCK, str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout
        assert ours == "False\n"
    with other.locked() as mine:
        assert mine


LOCK = """
import sys
from pathlib import Path
from airflow_provider_catalog.capture.spool import Spool
with Spool(Path(sys.argv[1]), 1).locked() as mine:
    print(mine)
"""


def test_a_child_that_was_forked_inside_does_not_keep_the_lock(tmp_path: Path) -> None:
    spool = Spool(tmp_path, ROOM)
    reading, writing = os.pipe()
    with spool.locked() as mine:
        assert mine
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)
            with Spool(tmp_path, ROOM).locked() as free:
                os._exit(0 if free else 1)
    ours = subprocess.run(
        [sys.executable, "-c", LOCK, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout
    os.close(reading)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    assert ours == "True\n"
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_spool_counts_as_drained_only_while_a_worker_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, ROOM)
    assert not spool.is_drained()
    spool.drained()
    assert spool.is_drained()
    os.utime(tmp_path / "drained", (0, time.time() - 60))
    assert not spool.is_drained()
