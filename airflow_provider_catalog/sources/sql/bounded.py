"""sqlglot's parser, which gives up where there is no end to it.

There are texts that it reads in all ways that there are, twice as many with every word. It counts the nodes that it
makes and raises at a limit, but what only tries a way takes that for one that leads nowhere, and tries the next.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from airflow_provider_catalog.sources.sql.limits import TooMuchError

_TOO_MANY = "Maximum number of AST nodes"


def parser(language: Any, nodes: int) -> Any:
    from sqlglot import ErrorLevel

    made = _bounded(language.parser_class)
    return made(dialect=language, error_level=ErrorLevel.IMMEDIATE, max_nodes=nodes)


@cache
def _bounded(parent: Any) -> Callable[..., Any]:
    """A compiled class has no children, so it is taken as it is."""

    def raise_error(self: Any, message: str, *where: Any) -> None:
        if message.startswith(_TOO_MANY):
            raise TooMuchError("more ways to read it than are tried")
        parent.raise_error(self, message, *where)

    compiled = hasattr(parent, "__mypyc_attrs__")
    made: Callable[..., Any] = parent
    return made if compiled else type(parent)(parent.__name__, (parent,), {"raise_error": raise_error})
