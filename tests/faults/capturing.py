"""Task processes with the listener that is installed, forked as an executor forks them. Run by test_capture.py:

    python -m tests.faults.capturing FOLDER STATE COUNT AT_ONCE

and a line of JSON for each process: how long its hooks took, and how it ended.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime

from benchmarks.task_process import cost, loaded


def main() -> None:
    state, count, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    make = loaded("sql")
    # Of Airflow, half a second in each task: here once for all.
    _ = ProvidersManagerTaskRuntime().asset_factories  # type: ignore[no-untyped-call]  # of Airflow
    running: list[tuple[int, int]] = []
    for number in range(count):
        running.append(_start(make, number, state))
        if len(running) >= at_once:
            _finish(*running.pop(0))
    for each in running:
        _finish(*each)


def _start(make: Callable[[int], Any], number: int, state: str) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        ti = make(number)
        ti.dag_id = f"dag_{number}"  # a job of its own: another target in the next run would close the edge of this one
        done = cost(ti, state, f"INSERT INTO target_{number} SELECT * FROM source_{number}")  # noqa: S608  never run
        os.write(writing, json.dumps(done._asdict()).encode())
        os._exit(0)
    os.close(writing)
    return child, reading


def _finish(child: int, reading: int) -> None:
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    sys.stdout.write(json.dumps({**json.loads(told or "{}"), "exit": os.waitstatus_to_exitcode(status)}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
