"""The strict Glue server of the tests, in a process of its own, so that what is measured is not the server.

with GlueProcess() as glue:
    os.environ |= glue.environment
    glue.goes_wrong({"throttled": 0.3})
    glue.calls()        # what came in since this was asked last, by operation
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]


class GlueProcess:
    """From `with` to its end, where it must not have failed. One thread may ask it."""

    def __enter__(self) -> Self:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen([sys.executable, __file__], env=environment, text=True, **pipes)
        assert self._process.stdout
        self.environment: dict[str, str] = json.loads(self._process.stdout.readline())
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.communicate()
        assert self._process.returncode == 0 or any(exception), "the server failed"

    def goes_wrong(self, shares: Mapping[str, float], seed: int = 0) -> None:
        """From now on, by these shares of `tests.glue.faults`; without any nothing does."""
        self._ask({"shares": dict(shares), "seed": seed})

    def calls(self) -> Counter[str]:
        return Counter(self._ask({}))

    def _ask(self, question: Mapping[str, Any]) -> dict[str, int]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(question)}\n")
        self._process.stdin.flush()
        found: dict[str, int] = json.loads(self._process.stdout.readline())
        return found


def main() -> int:
    """Each line that it is sent is answered by one."""
    from tests.glue.server import Faults, GlueServer

    with GlueServer(journal=0) as server:
        print(json.dumps(server.environment), flush=True)
        for line in sys.stdin:
            if asked := json.loads(line):
                server.faults = Faults(**asked)
            print(json.dumps(server.calls), flush=True)
            server.forget()
        sys.stderr.writelines(server.failures)
        return len(server.failures)


if __name__ == "__main__":
    sys.exit(main())
