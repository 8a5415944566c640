"""Which function carries out which operation: `(state, request) -> answer`, entered by its name.

A function refuses before it changes anything, so that what was refused had no effect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from tests.glue.model import Document
from tests.glue.state import State

Run: TypeAlias = Callable[[State, Document], Document]


class Operation(NamedTuple):
    run: Run
    writes: bool


OPERATIONS: dict[str, Operation] = {}


def operation(name: str, *, writes: bool = False) -> Callable[[Run], Run]:
    def enter(run: Run) -> Run:
        OPERATIONS[name] = Operation(run, writes)
        return run

    return enter
