"""Content and lineage of which only the id is remembered: what they say is read again when somebody asks.

Mostly nobody does. What the store has already it knows by its id.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from airflow_provider_catalog.model.statement import Claim, ColumnEdge, Content, Edge, Lineage

if TYPE_CHECKING:
    from airflow_provider_catalog.model.identity import DatasetId


class LaterContent(Content):
    """Not empty: the empty one is known by heart."""

    def __init__(self, id_: bytes, read: Callable[[], Content]) -> None:
        self.__dict__.update(id=id_, read=read)

    def __bool__(self) -> bool:
        return True

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        return self.__dict__["read"]().claims  # type: ignore[no-any-return]


class LaterLineage(Lineage):
    """Not empty either."""

    def __init__(self, id_: bytes, read: Callable[[], Lineage]) -> None:
        self.__dict__.update(id=id_, read=read)

    def __bool__(self) -> bool:
        return True

    @cached_property
    def _all(self) -> Lineage:
        return self.__dict__["read"]()  # type: ignore[no-any-return]

    @property
    def reads(self) -> tuple[DatasetId, ...]:
        return self._all.reads

    @property
    def writes(self) -> tuple[DatasetId, ...]:
        return self._all.writes

    @property
    def edges(self) -> tuple[Edge, ...]:
        return self._all.edges

    @property
    def columns(self) -> tuple[ColumnEdge, ...]:
        return self._all.columns
