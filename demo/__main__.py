"""`python -m demo start|stop [--home FOLDER] [--port PORT]`: what `make demo` and `make demo-stop` run."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from demo.home import Home, taken
from demo.rest import Rest

DAGS = ("example_shop",)
_SECONDS = 300
_CALM = 3
_ENDED = {"success", "failed", "skipped", "upstream_failed"}


class DemoError(Exception):
    """What went wrong and where to look."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("what", choices=("start", "stop"))
    parser.add_argument("--home", type=Path, default=Path(".demo"))
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    home = Home(arguments.home, arguments.port)
    try:
        Demo(home).start() if arguments.what == "start" else stop(home)
    except DemoError as error:
        problem = str(error)
    except HTTPError as error:
        problem = f"Airflow answers {error.code} to {error.url}: see {home.log}"
    else:
        return 0
    sys.stderr.write(f"\ndemo: {problem}\n")
    return 1


def stop(home: Home) -> None:
    count = home.stop()
    say(f"Stopped {count} processes." if count else "The demo was not running.")


class Demo:
    """Starts an Airflow in a folder, runs the example DAGs, and waits until the catalog knows of them."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._environment = dict(home.environment())
        self._rest = Rest(home.url)
        self._calm = 0

    def start(self) -> None:
        home = self._home
        if home.stop():
            say("The demo was running; it is started anew.")
        if taken(home.port):
            raise DemoError(f"port {home.port} is taken: choose another with `make demo DEMO_PORT=…`")
        home.path.mkdir(parents=True, exist_ok=True)
        say(f"Making the databases in {home.path} …")
        self._output("airflow", "db", "migrate")
        say("Starting Airflow …")
        self._standalone()
        self._rest.login(*home.login())
        for dag in DAGS:
            self._run(dag)
        self._farewell()

    def _standalone(self) -> None:
        with self._home.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  as we have installed it
                [_script("airflow"), "standalone"],
                cwd=self._home.path,
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

        self._home.started(process.pid)

        def answers() -> bool:
            if process.poll() is not None:
                raise DemoError(f"Airflow ended with exit code {process.returncode}: see {self._home.log}")
            return self._rest.answers()

        self._until(answers, "Airflow does not answer")

    def _run(self, dag: str) -> None:
        """The run itself may fail: one of its tasks does so on purpose."""
        self._until(partial(self._rest.knows, dag), f"Airflow does not find the DAG {dag}")
        run_id = f"demo-{int(time.time())}"
        say(f"Running the DAG {dag} …")
        self._rest.trigger(dag, run_id)
        self._until(partial(self._ended, dag, run_id), f"the run {run_id} does not end")
        say("\nWaiting for the catalog …")
        self._calm = 0
        self._until(self._settled, "what was captured does not arrive in the catalog")

    def _ended(self, dag: str, run_id: str) -> bool:
        """Shows how far it is on the way."""
        states = self._rest.task_states(dag, run_id)
        done = sum(state in _ENDED for state in states)
        sys.stdout.write(f"\r  {done} of {len(states)} task instances are done ")
        sys.stdout.flush()
        return self._rest.run_state(dag, run_id) in _ENDED

    def _settled(self) -> bool:
        """For a while: a task tells of its end when Airflow has that already, and on a busy machine somewhat later."""
        self._calm = self._calm + 1 if self._merged() else 0
        return self._calm >= _CALM

    def _merged(self) -> bool:
        """All that was spooled is merged, the end of the run with it. A task that has a process may still tell."""
        if self._home.works():
            return False
        waiting = list((self._home.path / "catalog-spool" / "new").glob("*"))
        status = json.loads(self._output("airflow-catalog", "status", "--output", "json"))
        return bool(not waiting and status["pending"] == 0 and status["edges"])

    def _until(self, true: Callable[[], Any], problem: str) -> None:
        deadline = time.monotonic() + _SECONDS
        while not true():
            if time.monotonic() > deadline:
                raise DemoError(f"{problem} after {_SECONDS} s: see {self._home.log}")
            time.sleep(0.5)

    def _output(self, script: str, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603  ours
            [_script(script), *arguments],
            cwd=self._home.path,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemoError(f"{script} {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def _farewell(self) -> None:
        name, password = self._home.login()
        shop = f"sqlite://{self._home.path / 'shop.db'}"
        say(f"""
Airflow     {self._home.url}
Login       {name} / {password}

Try, after `export AIRFLOW_HOME={self._home.path} PATH={Path(sys.executable).parent}:$PATH`:

  airflow-catalog lineage {shop}/revenue --depth 5
  airflow-catalog explain example_shop reports
  airflow-catalog coverage

`make demo-stop` ends it.""")


def _script(name: str) -> str:
    """Of the environment that this runs in. Not `python -m`: in a checkout that finds our metadata twice."""
    return str(Path(sys.executable).parent / name)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
