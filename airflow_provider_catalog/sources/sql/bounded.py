"""sqlglot's parser, which gives up where there is no end to it.

There are texts that it reads in all ways that there are, twice as many with every word. A parser that is compiled has
nothing to hold on to, and what is raised by one that is not is often taken for a way that leads nowhere. But whichever
way they try, they look into their dialect what may stand there, and that is counted.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.sources.sql.limits import TooMuchError


def parser(language: Any, lookups: int) -> Any:
    from sqlglot import ErrorLevel

    made = language.parser(error_level=ErrorLevel.IMMEDIATE)
    made.dialect = _Counted(language, lookups)
    return made


class _Counted:
    """A dialect that is looked into so many times at most."""

    __slots__ = ("_left", "_of")

    def __init__(self, of: Any, lookups: int) -> None:
        self._of = of
        self._left = lookups

    @property
    def __class__(self) -> Any:
        """It passes for what it stands for."""
        return type(self._of)

    def __getattr__(self, name: str) -> Any:
        self._left -= 1
        if self._left < 0:
            raise TooMuchError("more ways to read it than are tried")
        return getattr(self._of, name)
