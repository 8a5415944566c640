"""Targets that do what a test wants."""

from __future__ import annotations

import string
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import Changes, Claim, Content, Statement
from airflow_provider_catalog.store.protocol import Entity, Store
from airflow_provider_catalog.targets import Refusal

Answer = Callable[[Sequence[Entity]], Mapping[int, Refusal] | None]


def tables(*numbers: int) -> list[DatasetId]:
    return [DatasetId("postgres://db:5432", f"shop.public.t{number}") for number in numbers]


def say(store: Store, *numbers: int, time: int = 1) -> None:
    """Something new about these."""
    claims = [Claim.of(table, "documentation", {"description": str(time)}) for table in tables(*numbers)]
    store.apply(Changes((Statement("source", time, content=Content.of(claims)),)))


def number(dataset: Entity) -> int:
    return int(dataset.name.lstrip(string.ascii_letters + "."))


def until(let_go: threading.Event) -> Answer:
    """Nothing comes back before."""

    def answer(_: Sequence[Entity]) -> None:
        let_go.wait(60)

    return answer


class Shelf:
    """Notes what it is told, by the numbers of `tables`; `answer` may raise or refuse first."""

    def __init__(self, answer: Answer | None = None, name: str = "shelf") -> None:
        self.name = name
        self.answer = answer
        self.calls: list[list[int]] = []
        self.told: list[int] = []

    def publish(self, store: Store, datasets: Sequence[Entity]) -> Mapping[int, Refusal] | None:
        self.calls.append([number(dataset) for dataset in datasets])
        refused = (self.answer(datasets) if self.answer else None) or {}
        self.told += [number(dataset) for dataset in datasets if dataset.uid not in refused]
        return refused


class Library(Shelf):
    """To be named in a setting."""

    made: ClassVar[list[Library]] = []

    def __init__(self) -> None:
        super().__init__(name="library")
        self.made.append(self)


class Pit(Shelf):
    """Nothing comes back until it is let go."""

    let_go: ClassVar[threading.Event] = threading.Event()

    def __init__(self) -> None:
        super().__init__(until(self.let_go), "pit")


class Ruin(Shelf):
    """Has been down for ages."""

    def __init__(self) -> None:
        super().__init__(self._refuse, "ruin")

    def _refuse(self, _: Sequence[Entity]) -> None:
        raise ConnectionError("no route to host")
