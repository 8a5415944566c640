"""What listening costs a task: without a listener, with ours, and with that of the OpenLineage provider over HTTP.

Task processes are forked as an executor forks them (`task_process.py`), in turn for the three. The receiver is there,
refuses, or takes connections and never answers; a worker drains our spool, or the tasks hand over themselves.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.worker.drain import Drainer
from benchmarks.postgres import PostgresServer
from benchmarks.report import Report, middle, percentile
from benchmarks.task_process import Cost

KINDS = ("sql", "none")
STATES = ("success", "failed", "skipped")
DEADLINE = 2.0
_TASKS = "from benchmarks.task_process import main; main()"
_NONE = {"AIRFLOW__CATALOG__ENABLED": "False", "AIRFLOW__OPENLINEAGE__DISABLED": "True"}


class Sizes(NamedTuple):
    """How many task processes of each kind and state; how many of those that wait ten seconds and more."""

    processes: int
    slow: int


FULL, QUICK = Sizes(20, 2), Sizes(2, 1)


class Bench:
    def __init__(self, home: Path, report: Report, sizes: Sizes) -> None:
        self._home = home
        self._report = report
        self._sizes = sizes
        self._expected = 0
        self.spool = Spool(home / "spool", 1 << 30)

    def costs(self, extra: dict[str, str], kind: str, state: str, count: int) -> list[Cost]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "OPENLINEAGE"))},
            "AIRFLOW_HOME": str(self._home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW_CONN_BENCH_DB": json.dumps({"conn_type": "sqlite", "host": str(self._home / "shop.db")}),
            "PYTHONPATH": str(Path.cwd()),
            **extra,
        }
        line = [sys.executable, "-c", _TASKS, kind, state, str(count)]
        done = subprocess.run(line, env=environment, cwd=self._home, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return [Cost(**json.loads(each)) for each in done.stdout.splitlines() if each.startswith('{"load"')]

    def ours(self, store_url: str, kind: str, state: str, count: int) -> list[Cost]:
        self._expected += 2 * count
        extra = {"AIRFLOW__CATALOG__STORE_URL": store_url, "AIRFLOW__CATALOG__SPOOL_DIR": str(self.spool.path)}
        return self.costs({**_NONE, "AIRFLOW__CATALOG__ENABLED": "True", **extra}, kind, state, count)

    def theirs(self, url: str, kind: str, state: str, count: int) -> list[Cost]:
        transport = {"type": "http", "url": url}
        extra = {"AIRFLOW__OPENLINEAGE__DISABLED": "False", "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport)}
        return self.costs({**_NONE, **extra}, kind, state, count)

    def cpu(self, store_url: str, sink: str) -> None:
        """All three in turn, while what they tell is taken at once: ours by a worker, and by the task itself."""
        added: dict[str, list[float]] = {"ours": [], "handing_over": [], "openlineage": []}
        for kind in KINDS:
            for state in STATES:
                count = self._sizes.processes
                base = middle([cost.cpu for cost in self.costs(_NONE, kind, state, count)])
                with self._drained():
                    found = {"ours": self.ours(store_url, kind, state, count)}
                found["handing_over"] = self.ours(store_url, kind, state, count)
                found["openlineage"] = self.theirs(sink, kind, state, count)
                for name, costs in found.items():
                    added[name] += [cost.cpu - base for cost in costs]
                self._hooks("worker", found["ours"])
                self._handover("sqlite", found["handing_over"])
        milliseconds = {name: middle(values) * 1000 for name, values in added.items()}
        for name, value in milliseconds.items():
            self._report.add(f"added_cpu_{name}_ms", value)
        self._report.add("added_cpu_to_openlineage", milliseconds["ours"] / milliseconds["openlineage"], most=0.2)
        self._report.add(
            "added_cpu_handing_over_to_openlineage",
            milliseconds["handing_over"] / milliseconds["openlineage"],
            most=0.2,
        )

    def postgres(self, store_url: str) -> None:
        for kind in KINDS:
            self._handover("postgres", self.ours(store_url, kind, "success", self._sizes.processes))

    def dead(self, name: str, store_url: str, sink: str) -> None:
        """The first task that finds it dead waits for the deadline; nobody after it."""
        (self.spool.path / "breaker").unlink(missing_ok=True)
        first, *others = self.ours(store_url, "sql", "success", self._sizes.processes)
        self._report.add(f"{name}_first_s", first.running + first.end + first.stopping, most=DEADLINE + 0.5)
        self._hooks(name, others)
        if others:
            self._report.add(f"{name}_stopping_p99_ms", percentile([c.stopping for c in others], 0.99) * 1000, most=50)
        peer = self.theirs(sink, "sql", "success", self._sizes.slow)
        self._report.add(f"{name}_openlineage_s", middle([c.running + c.end + c.stopping for c in peer]))

    def lost(self, urls: list[str]) -> None:
        """Every record of every task is in a log or still in the spool, and goes into a log from there."""
        found = 0
        for number, url in enumerate(urls):
            store = open_database(url)
            found += 0 if number else Drainer(store, self.spool).once()
            found += store.log.count() - (0 if number else found)
            store.close()
        self._report.count_wrong("lost", self._expected - found)

    @contextlib.contextmanager
    def _drained(self) -> Iterator[None]:
        """As a worker on this host says it."""
        stop = threading.Event()

        def say() -> None:
            while not stop.wait(0.5):
                self.spool.drained()

        self.spool.drained()
        thread = threading.Thread(target=say)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            (self.spool.path / "drained").unlink(missing_ok=True)

    def _hooks(self, situation: str, costs: list[Cost]) -> None:
        """Worst of the hooks that hand nothing over."""
        known = self._report.figures.get(f"{situation}_hook_p99_ms")
        worst = percentile([hook for cost in costs for hook in (cost.running, cost.end)], 0.99) * 1000 if costs else 0.0
        self._report.add(f"{situation}_hook_p99_ms", max(worst, known.value if known else 0.0), most=50)

    def _handover(self, store: str, costs: list[Cost]) -> None:
        known = self._report.figures.get(f"{store}_hand_over_p99_ms")
        worst = percentile([max(cost.running, cost.stopping) for cost in costs], 0.99) * 1000
        self._report.add(f"{store}_hand_over_p99_ms", max(worst, known.value if known else 0.0), most=150)


class _Sink(BaseHTTPRequestHandler):
    """Takes events as fast as may be."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@contextlib.contextmanager
def sink() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sink) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few processes: only what is lost counts")
    arguments = parser.parse_args()
    report = Report("listener")
    with (
        tempfile.TemporaryDirectory() as folder,
        PostgresServer() as server,
        sink() as up,
        socket.create_server(("127.0.0.1", 0)) as silent,
    ):
        bench = Bench(Path(folder), report, QUICK if arguments.quick else FULL)
        urls = [f"sqlite:///{folder}/catalog.db", server.create_database("listener")]
        for url in urls:
            open_database(url).close()
        bench.cpu(urls[0], up)
        bench.postgres(urls[1])
        port = silent.getsockname()[1]
        bench.dead("refused", "postgresql://nobody@127.0.0.1:1/none", "http://127.0.0.1:1")
        bench.dead("silent", f"postgresql://nobody@127.0.0.1:{port}/none", f"http://127.0.0.1:{port}")
        bench.lost(urls)
    report.show()
    return report.failures(quick=arguments.quick)


if __name__ == "__main__":
    sys.exit(main())
