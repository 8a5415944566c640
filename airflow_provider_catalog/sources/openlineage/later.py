"""Content and lineage of which only the id is remembered: what they say is read again when somebody asks.

Mostly nobody does. What the store has already it knows by its id.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from airflow_provider_catalog.model.statement import Claim, ColumnEdge, Content, Edge, Lineage

if TYPE_CHECKING:
    from airflow_provider_catalog.model.identity import DatasetId


T = TypeVar("T")


class _Later(Generic[T]):
    """Not empty: the empty ones are known by heart."""

    def __init__(self, id_: bytes, read: Callable[[], T]) -> None:
        self.__dict__.update(id=id_, read=read)

    def __bool__(self) -> bool:
        return True

    @cached_property
    def whole(self) -> T:
        return self.__dict__["read"]()  # type: ignore[no-any-return]


class LaterContent(_Later[Content], Content):
    """Claims of which the id is at hand."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        return self.whole.claims


class LaterLineage(_Later[Lineage], Lineage):
    """Lineage of which the id is at hand."""

    @property
    def reads(self) -> tuple[DatasetId, ...]:
        return self.whole.reads

    @property
    def writes(self) -> tuple[DatasetId, ...]:
        return self.whole.writes

    @property
    def edges(self) -> tuple[Edge, ...]:
        return self.whole.edges

    @property
    def columns(self) -> tuple[ColumnEdge, ...]:
        return self.whole.columns
