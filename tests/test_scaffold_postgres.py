"""The stand-ins that other tests rest on do what they say."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from benchmarks.postgres import PostgresServer
from tests.conftest import StartPostgres, StartProxy

ROOT = Path(__file__).parent.parent


def connect(server: PostgresServer, port: int | None = None) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1", port=port or server.port, user="postgres", dbname="postgres", autocommit=True
    )


def test_a_store_url_opens_an_empty_database(store_url: str) -> None:
    engine = sa.create_engine(store_url)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text("CREATE TABLE catalog_probe (name TEXT)"))
    engine.dispose()


def test_a_server_killed_and_started_again_keeps_what_was_committed(start_postgres: StartPostgres) -> None:
    server = start_postgres(durable=True)
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT one FROM kept")
    server.start()
    with connect(server) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_a_paused_server_answers_after_it_resumes(start_postgres: StartPostgres) -> None:
    server = start_postgres()
    server.pause()
    with pytest.raises(psycopg.errors.ConnectionTimeout):
        psycopg.connect(host="127.0.0.1", port=server.port, user="postgres", connect_timeout=2)
    server.resume()
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_leaves_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import os, signal; from benchmarks.postgres import PostgresServer\n"
        "server = PostgresServer(); server.start(); print(server.pid, server._home, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    pid, home = told.stdout.split()
    deadline = time.monotonic() + 20
    while (psutil.pid_exists(int(pid)) or Path(home).exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(int(pid))
    assert not Path(home).exists()


def test_a_black_hole_holds_the_answer_until_it_heals(postgres_server: PostgresServer, start_proxy: StartProxy) -> None:
    proxy = start_proxy("127.0.0.1", postgres_server.port)
    with connect(postgres_server, proxy.port) as connection:
        assert proxy.connections == 1
        proxy.blackhole()
        with ThreadPoolExecutor() as threads:
            answer = threads.submit(lambda: connection.execute("SELECT 2").fetchone())
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.3)
            proxy.heal()
            assert answer.result(timeout=20) == (2,)


def test_a_reset_ends_the_connection_and_the_next_one_works(
    postgres_server: PostgresServer, start_proxy: StartProxy
) -> None:
    proxy = start_proxy("127.0.0.1", postgres_server.port)
    with connect(postgres_server, proxy.port) as connection:
        proxy.reset()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with connect(postgres_server, proxy.port) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_delay_slows_every_answer(postgres_server: PostgresServer, start_proxy: StartProxy) -> None:
    proxy = start_proxy("127.0.0.1", postgres_server.port)
    with connect(postgres_server, proxy.port) as connection:
        proxy.delay(0.1)
        started = time.monotonic()
        connection.execute("SELECT 1")
        assert time.monotonic() - started >= 0.2
