"""PostgreSQL connections that do not wait for ever: a server may hang in ways that neither TCP nor it notices."""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection


def connection_class(seconds: float) -> type[Connection[Any]]:
    """A connection that is closed, with an error, when an answer takes longer."""
    import psycopg

    class Deadlined(psycopg.Connection[Any]):
        def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
            return super().wait(self._until(gen, monotonic() + seconds), *args, **kwargs)

        def _until(self, waiting: Generator[Any, Any, Any], deadline: float) -> Generator[Any, Any, Any]:
            """The driver's own generator; it is told now and then that nothing came, and there we look at the clock."""
            try:
                wanted = next(waiting)
                while True:
                    ready = yield wanted
                    if not ready and monotonic() > deadline:
                        self.pgconn.finish()
                        raise psycopg.OperationalError(f"no answer within {seconds:g} s")
                    wanted = waiting.send(ready)
            except StopIteration as done:
                return done.value

    return Deadlined
