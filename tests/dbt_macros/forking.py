"""dbt, imported once and forked for each run: a second less than its own start, of which a run takes two.

As a script it reads a run per line, {"arguments", "environment", "folder", "output"}, and answers with its exit code.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn


class Forking:
    """The process that forks; it ends with this one, whose end of the pipe is closed then."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="catalog-dbt-")
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, arguments: list[str], environment: Mapping[str, str], folder: Path) -> tuple[int, str]:
        assert self._process.stdin
        assert self._process.stdout
        output = Path(self._folder.name) / "output"
        asked = {"arguments": arguments, "environment": dict(environment), "folder": str(folder), "output": str(output)}
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        code = int(self._process.stdout.readline())
        return code, output.read_text()

    def close(self) -> None:
        self._process.communicate()
        self._folder.cleanup()


@functools.cache
def forking() -> Forking:
    made = Forking()
    atexit.register(made.close)
    return made


def _serve() -> None:
    import dbt.adapters.duckdb
    import dbt.adapters.postgres
    import dbt.cli.main  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(**json.loads(line))
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _run(arguments: list[str], environment: dict[str, str], folder: str, output: str) -> NoReturn:
    from dbt.cli.main import cli

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    code = 1
    try:
        cli(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
