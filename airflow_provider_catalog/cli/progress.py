"""A progress bar where somebody is looking, and silence where nobody is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as Bars


class Progress(Protocol):
    """How far it is."""

    def begin(self, what: str, total: int | None) -> None: ...
    def update(self, completed: int, count: int) -> None: ...


class _Silent:
    def begin(self, what: str, total: int | None) -> None:
        pass

    def update(self, completed: int, count: int) -> None:
        pass


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Progress]:
    """On stderr, so that the answer on stdout can be piped all the same."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.fields[count]:>9,} {task.description}"), BarColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bar(bars, what, total)


class _Bar:
    """One task of rich's, exchanged when the next part begins."""

    def __init__(self, bars: Bars, what: str, total: int | None) -> None:
        self._bars = bars
        self._task = bars.add_task(what, total=total, count=0)

    def begin(self, what: str, total: int | None) -> None:
        self._bars.remove_task(self._task)
        self._task = self._bars.add_task(what, total=total, count=0)

    def update(self, completed: int, count: int) -> None:
        self._bars.update(self._task, completed=completed, count=count)
