"""Processes to be killed: forked from a server that has everything imported, so that one starts in milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.preloaded"])
KILLED = -signal.SIGKILL


def run(target: Callable[..., Any], *args: object, timeout: float = 60) -> int:
    """The exit code of a process of its own."""
    process = CONTEXT.Process(target=target, args=args)
    process.start()
    process.join(timeout)
    if process.is_alive():
        process.kill()
        process.join()
        message = f"{target.__name__}{args!r} did not end within {timeout} s"
        raise TimeoutError(message)
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def watch_sql(reached: Callable[[str], None]) -> None:
    """Call with the name of each step that any engine of this process takes: before and after every statement."""

    def before(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        reached(f"before {_name(statement)}")

    def after(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        reached(f"after {_name(statement)}")

    def commit(_c: Any) -> None:
        reached("before commit")

    event.listen(sa.Engine, "before_cursor_execute", before)
    event.listen(sa.Engine, "after_cursor_execute", after)
    event.listen(sa.Engine, "commit", commit)


def _name(statement: str) -> str:
    """What it does, and to which table of ours."""
    words = statement.replace("(", " ").replace(",", " ").split()
    tables = [word.removeprefix("temp.") for word in words if word.removeprefix("temp.").startswith("catalog_")]
    return " ".join([words[0].lower(), *tables[:1]])
