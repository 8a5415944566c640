"""Why who reads by one definition may not read what was written by another."""

from __future__ import annotations

from typing import NamedTuple

from airflow_provider_catalog.errors import CatalogError


class Problem(NamedTuple):
    """`reason`: a key of `wording`. `reader`, `writer`: what stands at `path` in each definition. `sure`: AWS says so,
    too; otherwise it is for AWS to say.
    """

    reason: str
    path: str
    reader: str = ""
    writer: str = ""
    sure: bool = True


class UnreadableDefinition(CatalogError):  # noqa: N818  what it is, as in errors.py
    """A text that is no definition of its format. `certain`: nobody takes it; otherwise this check does not know it."""

    def __init__(self, data_format: str, problem: str, *, certain: bool = False) -> None:
        known = "" if certain else " as far as this check knows it"
        super().__init__(f"the definition is no {data_format}{known}: {problem}")
        self.data_format = data_format
        self.problem = problem
        self.certain = certain
