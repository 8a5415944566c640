"""Registering tables in AWS Glue: calls, time and memory, beside awswrangler's way to create tables, in the same run.

The Glue is the strict server of the tests, over HTTP and in a process of its own; calls are those that it counted.
10,000 tables are registered, found unchanged, changed one in a hundred, and edited by somebody else, who loses nothing.
Then a handful changes and the publish role is told of it, as after a task. Neither keeps to a budget of calls.
awswrangler has an environment of its own, made by uv; in a quick run it is the one that is installed here.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import Changes, Claim, Content, Json, Origin, Statement
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.protocol import Entity
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.glue.mapping import GlueMapping
from airflow_provider_catalog.targets.glue.target import Glue
from airflow_provider_catalog.worker.publish import Publisher
from benchmarks.peers.glue_server import GlueProcess
from benchmarks.report import Report
from benchmarks.sql import Environment

WRANGLER = ("awswrangler==3.17.1",)
RULES = [{"match": "s3://lake/{database}/{table}"}]
WRITES = {"CreateTable", "UpdateTable", "CreateDatabase", "BatchCreatePartition"}
PAGE = 100
TYPES = ("bigint", "string", "double", "timestamp", "decimal(18,2)")
COLUMNS = tuple((f"col_{number:02d}", TYPES[number % len(TYPES)]) for number in range(20))
PARAMETERS = {"classification": "parquet", "typeOfData": "file"}
THEIRS = {"cost_center": "42", "reviewed_by": "ann"}
THEIR_DATABASE = "wrangled"
WORDS, COMMENT = "Ask the sales team.", "the number on the bill"

LEAST = {("cold", "time"): 1.0, ("unchanged", "calls"): 100.0, ("unchanged", "time"): 10.0}


class Sizes(NamedTuple):
    tables: int
    databases: int
    changed: int
    handful: int
    wrangler: int
    peer: tuple[str, ...] = ()


FULL, QUICK = Sizes(10_000, 10, 100, 5, 1_000, WRANGLER), Sizes(1_000, 5, 10, 5, 20)


class Cost(NamedTuple):
    seconds: float
    calls: Counter[str]

    @property
    def all(self) -> int:
        return self.calls.total()

    def per_table_calls(self, tables: int) -> float:
        return self.all / tables

    def per_table_seconds(self, tables: int) -> float:
        return self.seconds / tables

    @property
    def writes(self) -> int:
        return sum(self.calls[each] for each in WRITES)


class Server:
    """`cost` is what something costs there."""

    def __init__(self, process: GlueProcess) -> None:
        self._process = process

    def cost(self, done: Callable[[], object]) -> Cost:
        self._process.calls()
        begun = time.perf_counter()
        done()
        return Cost(time.perf_counter() - begun, self._process.calls())


class Lake:
    """What the catalog knows: datasets of 20 columns, spread over databases. Each is said anew a moment later."""

    def __init__(self, store: SqlStore, databases: int) -> None:
        self.store = store
        self._databases = databases
        self._now = int(time.time() * 1_000_000)

    def place(self, number: int) -> tuple[str, str]:
        return f"db_{number % self._databases:02d}", f"table_{number:05d}"

    def say(self, numbers: Sequence[int], *more: tuple[str, str]) -> None:
        fields: list[Json] = [{"name": name, "type": type_} for name, type_ in (*COLUMNS, *more)]
        self._now += 1
        for first in range(0, len(numbers), 1000):
            said = (self._said(number, {"fields": fields}) for number in numbers[first : first + 1000])
            self.store.apply(Changes(tuple(said)))

    def _said(self, number: int, schema: Json) -> Statement:
        dataset = DatasetId("s3://lake", "/".join(self.place(number)))
        claims = [Claim.of(dataset, "schema", schema), Claim.of(dataset, "storage", {"fileFormat": "parquet"})]
        return Statement("airflow", self._now, Origin.SOURCE, content=Content.of(claims))

    def datasets(self) -> Iterator[Entity]:
        after = 0
        while page := self.store.scan("dataset", after=after, limit=1000):
            yield from page
            after = page[-1].uid


class Somebody:
    """Edits tables by boto3, with an editor that keeps all it does not know but for one column, which is dropped."""

    def __init__(self) -> None:
        import boto3

        self._glue = boto3.client("glue")
        self._known = set(self._glue.meta.service_model.shape_for("TableInput").members)

    def make(self, database: str) -> None:
        self._glue.create_database(DatabaseInput={"Name": database})

    def edit(self, database: str, table: str) -> None:
        found = self._table(database, table)
        made = {name: value for name, value in found.items() if name in self._known}
        stored = {**made["StorageDescriptor"], "Columns": made["StorageDescriptor"]["Columns"][:-1]}
        stored["Columns"][0]["Comment"] = COMMENT
        words = {"Description": WORDS, "Parameters": {**made["Parameters"], **THEIRS}, "StorageDescriptor": stored}
        self._glue.update_table(DatabaseName=database, TableInput={**made, **words})

    def has_all(self, database: str, table: str) -> bool:
        found = self._table(database, table)
        first = found["StorageDescriptor"]["Columns"][0]
        kept = found.get("Description") == WORDS and first.get("Comment") == COMMENT
        return kept and found["Parameters"].items() >= THEIRS.items()

    def columns(self, database: str, table: str) -> list[tuple[str, str]]:
        return [(each["Name"], each["Type"]) for each in self._table(database, table)["StorageDescriptor"]["Columns"]]

    def _table(self, database: str, table: str) -> dict[str, Any]:
        found: dict[str, Any] = self._glue.get_table(DatabaseName=database, Name=table)["Table"]
        return found


class Bench:
    def __init__(self, report: Report, server: Server, lake: Lake, sizes: Sizes) -> None:
        self._report = report
        self._server = server
        self._lake = lake
        self._sizes = sizes
        self._wrangler = Environment(sizes.peer)
        self._target = Glue(GlueMapping(RULES))
        self._somebody = Somebody()
        self._all = range(sizes.tables)

    def run(self) -> None:
        self._lake.say(self._all)
        cold, unchanged = self._registered(), self._unchanged()
        self._changed()
        self._edited()
        self._published()
        self._beside(cold, unchanged)

    def _push(self) -> Counter[str]:
        """How many tables were dealt with in which way."""
        outcomes = self._target.push(self._lake.store, self._lake.datasets())
        return Counter(each.reason or (each.plan.kind if each.plan else "") for each in outcomes)

    def _pushed(self, name: str, expected: dict[str, int]) -> Cost:
        """The rest is unchanged."""
        found: list[Counter[str]] = []
        cost = self._server.cost(lambda: found.append(self._push()))
        rest = {"nothing": self._sizes.tables - sum(expected.values())}
        self._report.count_wrong(f"{name}_not_as_planned", (Counter(expected | rest) - found[0]).total())
        self._told(name, cost, self._sizes.tables)
        return cost

    def _told(self, name: str, cost: Cost, tables: int) -> None:
        self._report.add(f"{name}_calls_per_table", cost.per_table_calls(tables))
        self._report.add(f"{name}_ms_per_table", cost.per_table_seconds(tables) * 1000)

    def _registered(self) -> Cost:
        """Each is created, and looked for once before: its database is not there."""
        before = _peak_mb()
        cost = self._pushed("cold", {"create": self._sizes.tables})
        self._report.add("cold_s", cost.seconds)
        self._report.add("cold_memory_mb", _peak_mb() - before)
        return cost

    def _unchanged(self) -> Cost:
        before = _peak_mb()
        cost = self._pushed("unchanged", {})
        self._report.add("unchanged_s", cost.seconds)
        self._report.add("unchanged_memory_mb", _peak_mb() - before)
        self._report.count_wrong("unchanged_writes", cost.writes)
        self._report.count_wrong("unchanged_calls_beyond_pages", cost.all - self._sizes.tables / PAGE)
        return cost

    def _changed(self) -> None:
        """Besides the pages that find the others unchanged each costs its update alone."""
        changed = self._all[:: self._sizes.tables // self._sizes.changed]
        self._lake.say(changed, ("added", "bigint"))
        cost = self._pushed("one_in_a_hundred", {"update": len(changed)})
        self._report.count_wrong("changed_writes_beyond_one", cost.writes - len(changed))
        self._report.count_wrong("changed_reads_beyond_pages", cost.all - cost.writes - self._sizes.tables / PAGE)

    def _edited(self) -> None:
        """Somebody dropped a column and wrote words of their own: the column is back, and the words are there."""
        edited = [self._lake.place(number) for number in self._all[1 :: self._sizes.tables // self._sizes.changed]]
        for place in edited:
            self._somebody.edit(*place)
        self._pushed("edited_outside", {"update": len(edited)})
        lost = sum(not self._somebody.has_all(*place) for place in edited)
        self._report.count_wrong("edited_outside_words_lost", lost)
        unnoticed = sum(self._somebody.columns(*place)[: len(COLUMNS)] != list(COLUMNS) for place in edited)
        self._report.count_wrong("edited_outside_unnoticed", unnoticed)

    def _published(self) -> None:
        """By the role of a worker. The outbox still has all: a restart that tells of each again costs this much."""
        publisher = Publisher(self._lake.store, self._target)
        again = self._server.cost(publisher.once)
        self._told("publish_unchanged", again, self._sizes.tables)
        self._report.count_wrong("publish_unchanged_writes", again.writes)
        handful = self._all[2 :: self._sizes.tables // self._sizes.handful]
        self._lake.say(handful, ("added", "bigint"), ("more", "string"))
        cost = self._server.cost(publisher.once)
        self._told("publish_changed", cost, len(handful))
        self._report.count_wrong("publish_changed_calls_beyond_two", cost.all - 2 * len(handful))

    # -- awswrangler

    def _beside(self, cold: Cost, unchanged: Cost) -> None:
        """For the same tables in a database of its own: made, made again, and once more when somebody edited them."""
        tables = self._sizes.wrangler
        names = [self._lake.place(number)[1] for number in range(tables)]
        self._somebody.make(THEIR_DATABASE)
        for phase, ours in (("cold", cold), ("unchanged", unchanged)):
            theirs = self._wrangled(names)
            self._told(f"awswrangler_{phase}", theirs, tables)
            for what, of in (("calls", Cost.per_table_calls), ("time", Cost.per_table_seconds)):
                ratio = of(theirs, tables) / of(ours, self._sizes.tables)
                self._report.add(f"awswrangler_{phase}_{what}_times_ours", ratio, least=LEAST.get((phase, what)))
        edited = names[: self._sizes.handful]
        for name in edited:
            self._somebody.edit(THEIR_DATABASE, name)
        self._wrangled(edited)
        kept = sum(self._somebody.has_all(THEIR_DATABASE, name) for name in edited)
        self._report.add("awswrangler_edited_outside_words_lost_share", 1 - kept / len(edited))

    def _wrangled(self, names: Sequence[str]) -> Cost:
        """Its own time: without that of its interpreter."""
        tables = {"database": THEIR_DATABASE, "columns": dict(COLUMNS), "parameters": PARAMETERS, "names": names}
        answers: list[Any] = []
        run = partial(self._wrangler.run, "glue_wrangler.py", given=json.dumps(tables))
        cost = self._server.cost(lambda: answers.append(run()))
        return cost._replace(seconds=answers[0]["seconds"])


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the tables")
    arguments = parser.parse_args()
    report, sizes = Report("glue"), QUICK if arguments.quick else FULL
    with tempfile.TemporaryDirectory() as folder, GlueProcess() as process:
        os.environ |= process.environment | {"AIRFLOW__CATALOG__GLUE_CALLS_PER_SECOND": "100000"}
        with closing(open_database(f"sqlite:///{folder}/catalog.db")) as store:
            Bench(report, Server(process), Lake(store, sizes.databases), sizes).run()
    report.show()
    return int(report.failures(quick=arguments.quick) > 0)


if __name__ == "__main__":
    sys.exit(main())
