"""Ingest: from the envelope to merged and answerable, beside a plain upsert-per-event writer in the same run.

Ours accepts a batch of envelopes durably and merges it by the worker's `Merger`, as the command line does, and again;
the peer commits every event. Rounds alternate, each on events neither has seen. CPU is that of the client and of the
database's processes together. Both must end with the same names, runs, facts with their history, ports, edges and
column edges with their lives, details of events, and walks.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import psutil

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store.protocol import Direction
from benchmarks import events, writers
from benchmarks.ours import BATCH, OurWriter, batches
from benchmarks.peers.answers import Names
from benchmarks.peers.core_upsert import CoreUpsertWriter
from benchmarks.postgres import PostgresServer
from benchmarks.report import Report, middle


class Sizes(NamedTuple):
    """How much of everything."""

    rounds: int
    cold_jobs: int
    steady_jobs: int
    accepted: int
    writer_events: int
    memory_events: int
    known_columns: tuple[int, int]
    wide: int
    many: int


WAYS: tuple[Direction, ...] = ("upstream", "downstream")
SLICE = 2_000
FULL = Sizes(5, 400, 1000, 20_000, 2_000, 100_000, (10_000, 1_000_000), 5_000, 2_000)
QUICK = Sizes(3, 12, 25, 600, 30, 600, (500, 2_000), 500, 200)


@dataclass
class Stores:
    """A place to make databases in, one kind of them."""

    kind: str
    folder: Path
    server: PostgresServer | None = None
    made: int = 0

    def new(self) -> str:
        self.made += 1
        if self.server is not None:
            return self.server.create_database(f"bench_{self.made}")
        return f"sqlite:///{self.folder}/bench_{self.made}.db"

    def cpu(self) -> float:
        """Seconds of CPU of this process and of the database's."""
        total = time.process_time()
        if self.server is not None:
            first = psutil.Process(self.server.pid)
            for process in (first, *first.children(recursive=True)):
                times = process.cpu_times()
                total += times.user + times.system
        return total


class Took(NamedTuple):
    seconds: float
    cpu: float

    def plus(self, other: Took) -> Took:
        return Took(self.seconds + other.seconds, self.cpu + other.cpu)


def timed(stores: Stores, work: Callable[[], object]) -> Took:
    gc.collect()
    cpu, begun = stores.cpu(), time.perf_counter()
    work()
    return Took(time.perf_counter() - begun, stores.cpu() - cpu)


@dataclass
class Rounds:
    """What each side took for each round of as many events."""

    count: int
    ours: list[Took] = field(default_factory=list)
    peer: list[Took] = field(default_factory=list)

    def report(self, report: Report, name: str, least: float | None, ratio: float) -> None:
        ours, peer = middle([t.seconds for t in self.ours]), middle([t.seconds for t in self.peer])
        report.add(f"{name}_events_per_s", self.count / ours, least=least)
        report.add(f"{name}_peer_events_per_s", self.count / peer)
        report.add(
            f"{name}_ratio",
            middle([b.seconds / a.seconds for a, b in zip(self.ours, self.peer, strict=True)]),
            least=ratio,
        )
        report.add(f"{name}_cpu_ratio", middle([b.cpu / a.cpu for a, b in zip(self.ours, self.peer, strict=True)]))
        report.add(f"{name}_cpu_ms_per_event", 1000 * middle([t.cpu for t in self.ours]) / self.count)


# -- beside the peer


def ratios(report: Report, stores: Stores, sizes: Sizes) -> None:
    """Cold: new jobs. Steady: new runs of known jobs, in which nothing changed."""
    with OurWriter(stores.new()) as ours, CoreUpsertWriter(stores.new()) as peer:
        everything = 0
        warm_up = list(events.events(range(1_000_000, 1_000_010), 0))
        _round(stores, ours, peer, warm_up, Rounds(0))
        cold = Rounds(2 * sizes.cold_jobs)
        for i in range(sizes.rounds):
            numbers = range(i * sizes.cold_jobs, (i + 1) * sizes.cold_jobs)
            _round(stores, ours, peer, list(events.events(numbers, 0)), cold)
        steady = Rounds(2 * sizes.steady_jobs)
        known = sizes.rounds * sizes.cold_jobs
        for i in range(sizes.rounds):
            numbers = range(known)[:: max(known // sizes.steady_jobs, 1)][: sizes.steady_jobs]
            _round(stores, ours, peer, list(events.events(numbers, i + 1)), steady)
        changed = _wider(known, sizes.rounds + 2)
        _round(stores, ours, peer, changed, Rounds(0))
        everything = len(warm_up) + sizes.rounds * (cold.count + steady.count) + len(changed)
        assert ours.store.status().pending == 0
        assert ours.store.status().statements == everything
        _same_answers(ours, peer, sizes)
    postgres = stores.server is not None
    cold.report(report, f"{stores.kind}_cold", None, 4 if postgres else 1)
    steady.report(report, f"{stores.kind}_steady", 1000, 20 if postgres else 8)


def _wider(known: int, run: int) -> list[bytes]:
    """Runs of some jobs whose tables all have a column more now, in the order of their times."""
    chosen = [replace(events.job(number), columns=events.COLUMNS + 1) for number in range(0, known, 11)]
    return sorted((payload for job in chosen for payload in events.run(job, run)), key=events.time_of)


def _round(stores: Stores, ours: OurWriter, peer: CoreUpsertWriter, payloads: list[bytes], rounds: Rounds) -> None:
    """A slice each in turn, so that both have the machine at its better and its worse moments."""

    def write_ours(some: list[bytes]) -> None:
        assert ours.write(some) == len(some)

    def write_peer(some: list[bytes]) -> None:
        for payload in some:
            peer.write(payload)

    mine, theirs = Took(0, 0), Took(0, 0)
    for some in batches(payloads, SLICE):
        mine = mine.plus(timed(stores, partial(write_ours, some)))
        theirs = theirs.plus(timed(stores, partial(write_peer, some)))
    rounds.ours.append(mine)
    rounds.peer.append(theirs)


def _same_answers(ours: OurWriter, peer: CoreUpsertWriter, sizes: Sizes) -> None:
    """Everything is compared by name: all that holds now and held at two times, and what is asked for one by one."""
    mine, random = ours.reading(), Random(1)
    with peer.reading() as theirs:
        names = mine.names()
        _same(names._asdict(), theirs.names()._asdict(), "")
        early, late = _moments(names)
        assert any(fact[5] is not None for fact in mine.held(late).facts), "no schema was another one later"
        for at in (None, early, late):
            _same(mine.held(at)._asdict(), theirs.held(at)._asdict(), f" at {at}")
        asked = 30 if sizes is FULL else 10
        for pair in random.sample(sorted(names.datasets), asked):
            for way in WAYS:
                _same(mine.walk(pair, way, 5), theirs.walk(pair, way, 5), f"walk {way} of {pair}")
                _same(mine.neighbours(pair, way), theirs.neighbours(pair, way), f"neighbours {way} of {pair}")
            for aspect in ("schema", "dataSource", "existence"):
                _same(mine.history(pair, aspect), theirs.history(pair, aspect), f"history of {aspect} of {pair}")
        for pair in random.sample(sorted(names.jobs), asked):
            _same(mine.latest(pair), theirs.latest(pair), f"latest run of {pair}")
            _same(mine.history(pair, "ownership"), theirs.history(pair, "ownership"), f"history of {pair}")
        for run_id in random.sample(sorted(names.runs), asked):
            _same(mine.events(run_id), theirs.events(run_id), f"events of {run_id}")


def _moments(names: Names) -> tuple[int, int]:
    """One amid the first runs, one between those of the rounds and those that widen tables."""
    ended = sorted(row[3] for row in names.runs.values())
    return ended[len(ended) // 10], ended[-1] - 3_600_000_000


def _same(mine: Any, theirs: Any, what: str) -> None:
    """Fails with what only one of them says."""
    if isinstance(mine, dict):
        for name in mine:
            assert mine[name], f"no {name}{what}"
            _same(mine[name], theirs[name], f"{name}{what}")
    elif mine != theirs and isinstance(mine, set):
        only = (sorted(mine - theirs, key=repr)[:3], sorted(theirs - mine, key=repr)[:3])
        raise AssertionError(f"{what} differ: only ours {only[0]}, only the peer's {only[1]}")
    else:
        assert mine == theirs, f"{what} differ: ours {mine}, the peer's {theirs}"


# -- by itself


def accept(report: Report, stores: Stores, sizes: Sizes) -> None:
    """The log alone: durable, not merged yet."""
    with OurWriter(stores.new()) as ours:
        rates = []
        for i in range(sizes.rounds):
            payloads = list(events.events(range(sizes.accepted // sizes.rounds // 2), i))
            envelopes = [[Envelope("openlineage", each) for each in batch] for batch in batches(payloads, BATCH)]
            took = timed(stores, lambda: [ours.store.accept(batch) for batch in envelopes])  # noqa: B023  called at once
            rates.append(len(payloads) / took.seconds)
        report.add(f"{stores.kind}_accept_events_per_s", middle(rates), least=3000)


def wide(report: Report, stores: Stores, sizes: Sizes) -> None:
    """One table of very many columns, one job of very many inputs: what a column and an edge cost there."""
    with OurWriter(stores.new()) as ours:
        ours.write(events.events(range(100), 0))
        per_column = {}
        for columns in (sizes.wide // 10, sizes.wide):
            per_column[columns] = _each(stores, ours, [events.wide_table(columns, i) for i in range(5)], columns)
        per_input = {}
        for inputs in (sizes.many // 10, sizes.many):
            per_input[inputs] = _each(stores, ours, [events.many_inputs(inputs, i) for i in range(5)], inputs)
    report.add(f"{stores.kind}_table_of_{sizes.wide}_columns_s", per_column[sizes.wide] * sizes.wide)
    report.add(
        f"{stores.kind}_cost_of_a_column_to_that_of_a_tenth",
        per_column[sizes.wide] / per_column[sizes.wide // 10],
        most=2,
    )
    report.add(f"{stores.kind}_job_of_{sizes.many}_inputs_s", per_input[sizes.many] * sizes.many)
    report.add(
        f"{stores.kind}_cost_of_an_input_to_that_of_a_tenth",
        per_input[sizes.many] / per_input[sizes.many // 10],
        most=2,
    )


def _each(stores: Stores, ours: OurWriter, jobs: list[events.Job], size: int) -> float:
    """Seconds a column or an input, of a first run of each job by itself."""
    return middle([timed(stores, lambda: ours.write(events.run(job, 0))).seconds / size for job in jobs])  # noqa: B023


def scale(report: Report, stores: Stores, sizes: Sizes) -> None:
    """Steady ingest beside few known columns and very many, in turn: of the same jobs, and of any that were heard."""
    with ExitStack() as stack:
        few, many = (_Known(stack.enter_context(OurWriter(stores.new())), size, sizes) for size in sizes.known_columns)
        for i in range(sizes.rounds + 1):
            few.hear(stores, i)
            many.hear(stores, i)
        assert many.ours.store.status().columns >= sizes.known_columns[1]
    for name in few.rates:
        # The first round is there to be forgotten: it is the one that reads what the rest knows.
        ours, theirs = many.rates[name][1:], few.rates[name][1:]
        report.add(f"{stores.kind}_steady_{name}_at_{sizes.known_columns[0]}_columns_events_per_s", middle(theirs))
        report.add(f"{stores.kind}_steady_{name}_at_{sizes.known_columns[1]}_columns_events_per_s", middle(ours))
        ratio = middle([a / b for a, b in zip(ours, theirs, strict=True)])
        report.add(f"{stores.kind}_steady_{name}_many_to_few_columns", ratio, least=0.8)


class _Known:
    """A store that has heard every job once, and how many events a second it takes from then on."""

    def __init__(self, ours: OurWriter, columns: int, sizes: Sizes) -> None:
        self.ours = ours
        self.rates: dict[str, list[float]] = {"same_jobs": [], "any_job": []}
        self._jobs = range(max(columns // 22, sizes.steady_jobs))
        self._count, self._random = sizes.steady_jobs, Random(2)
        self._same = self._chosen()
        ours.merge(payload for number in self._jobs for payload in events.run(events.job(number), 0))

    def _chosen(self) -> list[int]:
        return sorted(self._random.sample(self._jobs, self._count))

    def hear(self, stores: Stores, turn: int) -> None:
        for run, (rates, jobs) in enumerate(zip(self.rates.values(), (self._same, self._chosen()), strict=True)):
            payloads = list(events.events(iter(jobs), 1 + 2 * turn + run))
            rates.append(len(payloads) / timed(stores, partial(self.ours.write, payloads)).seconds)


def concurrent(report: Report, stores: Stores, sizes: Sizes) -> None:
    """Eight processes on the same jobs, as eight `ingest` commands at once, beside one that does as much by itself."""
    alone = writers.run(stores.new(), 1, 8 * sizes.writer_events)
    url = stores.new()
    together = writers.run(url, 8, sizes.writer_events)
    lost = 8 * sizes.writer_events - writers.complete(url)
    report.add(f"{stores.kind}_8_writers_events_per_s", together.rate)
    report.add(f"{stores.kind}_8_writers_to_1", together.rate / alone.rate, least=0.5)
    report.count_wrong(f"{stores.kind}_8_writers_errors", together.errors)
    report.count_wrong(f"{stores.kind}_8_writers_lost", lost)
    if stores.server is not None:
        report.count_wrong(f"{stores.kind}_8_writers_deadlocks", writers.deadlocks(url))


def memory(report: Report, stores: Stores, sizes: Sizes) -> None:
    """A process that ingests very many events, one run in ten of a new job: what it holds after a tenth and at last."""
    early, late = writers.memory(stores.new(), sizes.memory_events)
    report.add(f"{stores.kind}_memory_at_{sizes.memory_events // 10}_events_mb", early)
    report.add(f"{stores.kind}_memory_at_{sizes.memory_events}_events_mb", late)
    report.add(f"{stores.kind}_memory_growth_mb", late - early, most=300)


PARTS: dict[str, Callable[[Report, Stores, Sizes], None]] = {
    "ratios": ratios,
    "accept": accept,
    "writers": concurrent,
    "wide": wide,
    "scale": scale,
    "memory": memory,
}


@contextmanager
def all_stores(kinds: Iterable[str]) -> Iterator[list[Stores]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="catalog-bench-")))
        made = []
        if "postgres" in kinds:
            made.append(Stores("postgres", folder, stack.enter_context(PostgresServer(durable=True))))
        if "sqlite" in kinds:
            made.append(Stores("sqlite", folder))
        yield made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: only wrong answers and losses count")
    parser.add_argument("--only", default=",".join(PARTS), help="some of the parts (default: all)")
    parser.add_argument("--stores", default="postgres,sqlite")
    arguments = parser.parse_args()
    report, sizes = Report("ingest"), QUICK if arguments.quick else FULL
    with all_stores(arguments.stores.split(",")) as places:
        for part in arguments.only.split(","):
            for stores in places:
                PARTS[part](report, stores, sizes)
    report.show()
    return report.failures(quick=arguments.quick)


if __name__ == "__main__":
    sys.exit(main())
