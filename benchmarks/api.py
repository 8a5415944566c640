"""The API in Airflow's own server: what four clients get accepted, how soon it is visible, how fast lineage comes.

Beside it in the same server stand two peers: a route that only asks Airflow who is there, which is as fast as any can
be, and one that writes each event into plain tables before it answers, as Marquez does. Meanwhile somebody watches how
long Airflow itself takes to say that it is well.
"""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from itertools import chain, count, islice
from multiprocessing import Process, Queue
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import orjson

from airflow_provider_catalog.store import open_database
from benchmarks import events
from benchmarks.api_server import ApiServer
from benchmarks.graph import Graph, load
from benchmarks.lineage import SETTINGS
from benchmarks.postgres import PostgresServer
from benchmarks.report import Report, middle, percentile

CLIENTS = 4
LINEAGE = "/catalog/api/v1/lineage"
DEPTH, LIMIT = 5, 1000
_WARMING = 5
JOBS = 1_000
PEERS = """
import os
import threading

import orjson
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, Request

from benchmarks.peers.core_upsert import CoreUpsertWriter

app = FastAPI()
mine = threading.local()
making = threading.Lock()


@app.post("/nothing")
async def nothing(request: Request, user: GetUserDep):
    await request.body()
    return {}


@app.post("/plain")
def plain(user: GetUserDep, event: dict):
    if not hasattr(mine, "writer"):
        with making:
            mine.writer = CoreUpsertWriter(os.environ["PEER_URL"])
    mine.writer.write(orjson.dumps(event))
    return {}


class Peers(AirflowPlugin):
    name = "peers"
    fastapi_apps = [{"app": app, "url_prefix": "/peers", "name": "peers"}]
"""


class Sizes(NamedTuple):
    """Events of each client in a round, rounds, events of the slow peer, seconds at a steady pace, questions, datasets
    of the large graph.
    """

    events: int
    rounds: int
    plain: int
    paced: int
    questions: int
    datasets: int


FULL = Sizes(800, 5, 40, 30, 200, 100_000)
QUICK = Sizes(60, 1, 5, 3, 20, 2_000)
PACE = 420
"""Events a second where it is watched what else the server does meanwhile."""


class Sent(NamedTuple):
    """What clients saw: events a second, how long each request took, ids that were answered with 2xx, refusals."""

    rate: float
    took: list[float]
    ids: list[str]
    refused: int


def send(
    port: int, path: str, token: str, bodies: Sequence[bytes], first: float, pause: float, results: Queue[Any]
) -> None:
    """One client: over one connection, one request after the other; with a pause one every so many seconds, and the
    first one after so many.
    """
    if pause:
        os.nice(19)  # elsewhere it would have cores of its own, and take none from the server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    took, ids, refused = [], [], 0
    started = time.perf_counter()
    for number, body in enumerate(bodies):
        time.sleep(max(0.0, started + first + number * pause - time.perf_counter()))
        begun = time.perf_counter()
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            told = answer.read()
        except OSError:
            connection.close()
            refused += 1
            continue
        took.append(time.perf_counter() - begun)
        if answer.status // 100 == 2:
            ids.append(str(orjson.loads(told).get("id", "")))
        else:
            refused += 1
    results.put((took, ids, refused))


def clients(
    server: ApiServer, path: str, token: str, shares: Sequence[Sequence[bytes]], many: int, pause: float = 0.0
) -> Sent:
    """All at once, but with a pause one after the other; so many events are in what they send."""
    results: Queue[Any] = Queue()
    begun = time.perf_counter()
    firsts = [pause * place / len(shares) for place in range(len(shares))]
    processes = [
        Process(target=send, args=(server.port, path, token, share, first, pause, results))
        for share, first in zip(shares, firsts, strict=True)
    ]
    for process in processes:
        process.start()
    found = [results.get() for _ in processes]
    for process in processes:
        process.join()
    wall = time.perf_counter() - begun
    took = [each for share in found for each in share[0]]
    return Sent(many / wall, took, [id_ for share in found for id_ in share[1]], sum(share[2] for share in found))


class Watch(threading.Thread):
    """Asks Airflow how it is, twenty times a second."""

    def __init__(self, server: ApiServer) -> None:
        super().__init__(daemon=True)
        self._port = server.port
        self._stopped = threading.Event()
        self.took: list[float] = []

    def run(self) -> None:
        """The first answers take longer, whatever else goes on."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        asked = 0
        while not self._stopped.wait(0.05):
            begun = time.perf_counter()
            connection.request("GET", "/api/v2/monitor/health")
            connection.getresponse().read()
            asked += 1
            if asked > _WARMING:
                self.took.append(time.perf_counter() - begun)

    def stop(self) -> None:
        self._stopped.set()
        self.join()


@contextmanager
def watched(server: ApiServer) -> Iterator[list[float]]:
    watch = Watch(server)
    watch.start()
    yield watch.took
    watch.stop()


class Bench:
    """One server on one kind of store."""

    def __init__(self, kind: str, server: ApiServer, report: Report, sizes: Sizes) -> None:
        self._kind = kind
        self._server = server
        self._report = report
        self._sizes = sizes
        self._ours = server.token("ingest", max_rate=100_000)
        self._user = server.user_token()
        self._jobs = iter(range(JOBS, 10_000_000))
        self._answered: list[str] = []

    def _name(self, what: str) -> str:
        return f"{self._kind}_{what}"

    def _events(self, many: int) -> list[list[bytes]]:
        """So many for each client, of jobs that nobody has heard of, START and COMPLETE."""
        return [[next(made) for _ in range(many)] for made in [self._fresh() for _ in range(CLIENTS)]]

    def _fresh(self) -> Iterator[bytes]:
        while True:
            yield from events.run(events.job(next(self._jobs)), 0)

    def sending(self) -> None:
        """As fast as it goes. Each round in turn: nothing, ours, the plain peer, ours of jobs that are known."""
        sizes = self._sizes
        rounds: dict[str, list[Sent]] = {"nothing": [], "ours": [], "steady": [], "plain": []}
        for _ in range(sizes.rounds):
            shares, known = self._events(sizes.events), self._known(sizes.events)
            many = sizes.events * CLIENTS
            rounds["nothing"].append(clients(self._server, "/peers/nothing", self._user, shares, many))
            rounds["ours"].append(clients(self._server, LINEAGE, self._ours, shares, many))
            self._settled()
            rounds["steady"].append(clients(self._server, LINEAGE, self._ours, known, many))
            self._settled()
            few = [share[: sizes.plain] for share in shares]
            plain = clients(self._server, "/peers/plain", self._user, few, sizes.plain * CLIENTS)
            rounds["plain"].append(plain)
        self._tell(rounds)

    def paced(self) -> None:
        """At a steady pace: what else the server does meanwhile, and how soon what came is visible."""
        with watched(self._server) as idle:
            time.sleep(self._sizes.paced)
        with watched(self._server) as beside_nothing:
            self._at_a_pace("/peers/nothing", self._user)
        with watched(self._server) as busy:
            sent = self._at_a_pace(LINEAGE, self._ours)
        with self._visible() as late:
            asked = self._at_a_pace(LINEAGE, self._ours)
        self._answered += sent.ids + asked.ids
        report, name = self._report, self._name
        report.add(name("paced_per_s"), sent.rate, least=400)
        report.add(name("paced_accept_p50_ms"), percentile(sent.took, 0.5) * 1e3)
        report.add(name("paced_accept_p99_ms"), percentile(sent.took, 0.99) * 1e3, most=50)
        report.add(name("visible_s"), max(late), most=2.0)
        watches = {"idle": idle, "beside_nothing": beside_nothing, "busy": busy}
        for rank in (50, 95, 99):
            for which, took in watches.items():
                report.add(name(f"health_p{rank}_{which}_ms"), percentile(took, rank / 100) * 1e3)
        report.add(name("health_p99_times_idle"), percentile(busy, 0.99) / percentile(idle, 0.99), most=2)
        report.add(name("health_p99_times_nothing"), percentile(busy, 0.99) / percentile(beside_nothing, 0.99))
        report.count_wrong(name("paced_refused"), sent.refused + asked.refused)

    def _at_a_pace(self, path: str, token: str) -> Sent:
        shares = self._known(self._sizes.paced * PACE // CLIENTS)
        return clients(self._server, path, token, shares, sum(map(len, shares)), CLIENTS / PACE)

    def _known(self, many: int) -> list[list[bytes]]:
        """So many for each client, of the next runs of jobs that the catalog knows."""
        return [list(islice(made, many)) for made in self._again]

    @cached_property
    def _again(self) -> list[Iterator[bytes]]:
        numbers = [range(client, JOBS, CLIENTS) for client in range(CLIENTS)]
        return [chain.from_iterable(events.events(some, run) for run in count(1)) for some in numbers]

    def _settled(self) -> None:
        """Until the worker has done all."""
        with closing(self._server.open()) as store:
            _until(lambda: not store.pending(1), 300)

    def _tell(self, rounds: dict[str, list[Sent]]) -> None:
        report, name = self._report, self._name
        rate = {which: middle([sent.rate for sent in some]) for which, some in rounds.items()}
        report.add(name("events_per_s"), rate["ours"], least=400)
        report.add(name("steady_events_per_s"), rate["steady"], least=400)
        report.add(name("nothing_per_s"), rate["nothing"])
        report.add(name("plain_per_s"), rate["plain"])
        report.add(name("of_nothing"), rate["ours"] / rate["nothing"])
        report.add(name("times_plain"), rate["ours"] / rate["plain"])
        p99 = middle([percentile(sent.took, 0.99) * 1e3 for sent in rounds["ours"]])
        report.add(name("accept_p99_ms"), p99, most=50)
        self._answered += [id_ for which in ("ours", "steady") for sent in rounds[which] for id_ in sent.ids]
        report.count_wrong(name("refused"), sum(sent.refused for some in rounds.values() for sent in some))

    @contextmanager
    def _visible(self) -> Iterator[list[float]]:
        """How long after its answer an event shows in lineage, while others send."""
        found: list[float] = []
        stop = threading.Event()

        def probe() -> None:
            with self._server.client(self._user) as asking:
                while not stop.is_set() or not found:
                    made = events.job(next(self._jobs))
                    asking.post("/lineage", content=list(events.run(made, 0))[1]).raise_for_status()
                    found.append(_until(lambda: self._edges(asking, made.output) > 0))  # noqa: B023  asked at once
                    time.sleep(0.5)

        thread = threading.Thread(target=probe, daemon=True)
        thread.start()
        yield found
        stop.set()
        thread.join()

    @staticmethod
    def _edges(asking: Any, table: str) -> int:
        asked = {"dataset": f"{events.NAMESPACE}/{table}", "fields": "edges.source", "depth": 1}
        answer = asking.get("/lineage", params=asked)
        return len(answer.json().get("edges", ()))

    def batches(self) -> None:
        rates = []
        for _ in range(self._sizes.rounds):
            shares = [
                [b"[" + b",".join(share[at : at + 100]) + b"]" for at in range(0, len(share), 100)]
                for share in self._events(self._sizes.events)
            ]
            many = self._sizes.events * CLIENTS
            sent = clients(self._server, f"{LINEAGE}/batch", self._ours, shares, many)
            self._report.count_wrong(self._name("batches_refused"), sent.refused)
            rates.append(sent.rate)
            self._settled()
        self._report.add(self._name("batch_events_per_s"), middle(rates), least=1_500)

    def kept(self) -> None:
        """All that was answered with 2xx, each once."""
        self._settled()
        with closing(self._server.open()) as store:
            lost = sum(store.envelope(bytes.fromhex(id_)) is None for id_ in self._answered)
            status = store.status()
        self._report.count_wrong(self._name("lost"), lost)
        self._report.count_wrong(self._name("twice"), status.statements - status.accepted)
        self._report.count_wrong(self._name("dead_letters"), status.dead_letters)

    def small_graph(self) -> None:
        """A thousand jobs in ten layers, five hops both ways; the same nodes as a walk over the jobs finds."""
        made = [events.job(number) for number in range(JOBS)]
        sent = [payload for each in made for payload in events.run(each, 0)]
        shares = [sent[number::CLIENTS] for number in range(CLIENTS)]
        clients(self._server, LINEAGE, self._ours, shares, len(sent))
        self._settled()
        names = [each.output for each in Random(1).sample(made, min(self._sizes.questions, JOBS))]
        self._ask("lineage_1000_jobs", names, 20, lambda name, told: _same(name, told, made))

    def large_graph(self, graph: Graph) -> None:
        picked = Random(2).sample(range(len(graph.uids)), self._sizes.questions)
        names = [graph.datasets[number].name for number in picked]
        self._ask("lineage_large", names, 60, lambda *_: None, str(graph.datasets[0].namespace))

    def _ask(
        self,
        figure: str,
        names: Sequence[str],
        most: float,
        check: Callable[[str, Any], None],
        namespace: str = events.NAMESPACE,
    ) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        headers = {"Authorization": f"Bearer {self._user}"}
        passes, sizes = [], []
        for _ in range(self._sizes.rounds):
            took = []
            for name in names:
                path = f"/catalog/api/v1/lineage?depth={DEPTH}&limit={LIMIT}&dataset={namespace}/{name}"
                begun = time.perf_counter()
                connection.request("GET", path, headers=headers)
                body = connection.getresponse().read()
                took.append(time.perf_counter() - begun)
                sizes.append(len(body))
                check(name, orjson.loads(body))
            passes.append(took)
        for rank in (50, 95, 99):
            value = middle([percentile(took, rank / 100) * 1e3 for took in passes])
            self._report.add(self._name(f"{figure}_p{rank}_ms"), value, most=most if rank == 95 else None)
        self._report.add(self._name(f"{figure}_mean_bytes"), sum(sizes) / len(sizes))


def _until(true: Callable[[], object], seconds: float = 60.0) -> float:
    """How long it took."""
    begun = time.perf_counter()
    while not true():
        if time.perf_counter() - begun > seconds:
            raise TimeoutError
        time.sleep(0.05)
    return time.perf_counter() - begun


def _same(name: str, told: Any, jobs: Sequence[events.Job]) -> None:
    """The datasets that a walk over the jobs finds, no more and no fewer, and all edges between them."""
    made = {each.output: each for each in jobs}
    used: dict[str, list[events.Job]] = {}
    for each in jobs:
        for source in each.inputs:
            used.setdefault(source, []).append(each)

    def up(table: str) -> Sequence[str]:
        return made[table].inputs if table in made else ()

    def down(table: str) -> Sequence[str]:
        return [each.output for each in used.get(table, ())]

    found = {name}
    for way, beside in (("upstream", up), ("downstream", down)):
        ring, seen = {name}, {name}
        for _ in range(DEPTH):
            ring = {far for near in ring for far in beside(near)} - seen
            seen |= ring
        shown = {node["dataset_id"].removeprefix(f"{events.NAMESPACE}/") for node in told["lineage"][way]}
        assert shown == seen - {name}, (name, way)
        found |= seen
    edges = {
        (source, each.output) for each in jobs if each.output in found for source in each.inputs if source in found
    }
    between = {
        tuple(edge[end].removeprefix(f"{events.NAMESPACE}/") for end in ("source", "target")) for edge in told["edges"]
    }
    assert between == edges, name


@contextmanager
def served(home: Path, store_url: str, peer_url: str) -> Iterator[ApiServer]:
    (home / "plugins").mkdir(parents=True)
    (home / "plugins" / "peers.py").write_text(PEERS)
    options = {"AIRFLOW__CATALOG__STORE_URL": store_url, "PEER_URL": peer_url}
    with ApiServer(home, options=options) as server:
        yield server


def measured(kind: str, home: Path, urls: Iterator[str], report: Report, sizes: Sizes) -> None:
    with served(home / "small", next(urls), next(urls)) as server:
        bench = Bench(kind, server, report, sizes)
        bench.small_graph()
        bench.paced()
        bench.sending()
        bench.batches()
        bench.kept()
    graph = Graph(sizes.datasets, sizes.datasets * 5, 0)
    url = next(urls)
    with closing(open_database(url)) as store:
        load(store, graph)
    with served(home / "large", url, next(urls)) as server:
        Bench(kind, server, report, sizes).large_graph(graph)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small, to see that it works")
    parser.add_argument("--only", choices=["sqlite", "postgres"], help="one kind of store")
    args = parser.parse_args()
    report, sizes = Report("api"), QUICK if args.quick else FULL
    kinds = [args.only] if args.only else ["sqlite"] if args.quick else ["sqlite", "postgres"]
    with tempfile.TemporaryDirectory() as folder, PostgresServer(durable=True, settings=SETTINGS) as postgres:
        for kind in kinds:
            home = Path(folder) / kind
            home.mkdir()
            sqlite = (f"sqlite:///{home / f'{number}.db'}" for number in range(9))
            databases = (postgres.create_database(f"api_{number}") for number in range(9))
            measured(kind, home, sqlite if kind == "sqlite" else databases, report, sizes)
    report.show()
    return report.failures(quick=args.quick)


if __name__ == "__main__":
    sys.exit(main())
