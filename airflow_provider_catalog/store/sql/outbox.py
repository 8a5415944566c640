"""Who was told of what. Each target goes through the outbox at its own pace, so one that is down holds up no other.

A target that nobody heard of starts at the beginning, and so is told of everything once. It has what a page says, and
settles it: then it was told up to there, but for those it refused, which are kept with the reason. Whoever
dies in between tells the page again. A dataset that changes meanwhile moves behind the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from airflow_provider_catalog.store.sql.dialect import dialect_of, now, retryable_errors
from airflow_provider_catalog.store.sql.tables import outbox, refused, target

_LATE = "another worker was at it, too"


class Due(NamedTuple):
    """A dataset to tell of, and how often that did not work."""

    node: int
    attempts: int


class Page(NamedTuple):
    """What is next for a target. Told of it, the target is `upto` there; `turn` tells whether somebody settled another
    page meanwhile.
    """

    target: str
    turn: int
    upto: tuple[int, int]
    due: tuple[Due, ...]


class Refused(NamedTuple):
    """What a target refused, and when to try again. None: when the dataset changes, or somebody says so."""

    node: int
    target: str
    attempts: int
    not_before: int | None
    reason: str


class Standing(NamedTuple):
    """How a target is doing: how many it has to be told of, and how many it refused. `down_since`: it takes
    nothing since then, for that reason.
    """

    target: str
    waiting: int
    refused: int
    down_since: int | None
    reason: str


class Outbox:
    """The outbox of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._dialect = dialect_of(engine)

    def page(self, name: str, limit: int) -> Page:
        """Half of it may be second tries, so that neither these nor what is new waits for the other."""
        with retryable_errors(), self._reader.connect() as connection:
            turn, *cursor = connection.execute(_CURSOR, {"name": name}).one_or_none() or (0, 0, 0)
            again = connection.execute(_AGAIN.limit((limit + 1) // 2), {"name": name, "now": now()}).all()
            place = {"name": name, "version": cursor[0], "node": cursor[1]}
            fresh = connection.execute(_FRESH.limit(limit - len(again)), place).all()
        due = {row.node_id: Due(row.node_id, row.attempts) for row in (*again, *fresh)}
        upto = (fresh[-1].version, fresh[-1].node_id) if fresh else (cursor[0], cursor[1])
        return Page(name, turn, upto, tuple(due.values()))

    def settle(self, page: Page, refusals: Sequence[Refused] = ()) -> bool:
        """False: another worker settled a page since this one was read. Whoever is late may have put what was so over
        what is so, and all of it is told again.
        """
        with self._dialect.writing(self._engine) as connection:
            in_time = self._turn(connection, page)
            again = [Refused(due.node, page.target, due.attempts, now(), _LATE) for due in page.due]
            keys = sorted((due.node, page.target) for due in page.due)
            self._dialect.delete(connection, refused, ("node_id", "target"), keys)
            self._dialect.insert(connection, refused, [tuple(each) for each in (refusals if in_time else again)])
        return in_time

    def _turn(self, connection: Connection, page: Page) -> bool:
        self._enter(connection, page.target)
        mine = sa.update(target).where(target.c.name == page.target, target.c.turn == page.turn)
        version, node = page.upto
        settled = mine.values(version=version, node_id=node, turn=page.turn + 1, down_since=None, reason="")
        return bool(connection.execute(settled).rowcount)

    def _enter(self, connection: Connection, name: str) -> None:
        self._dialect.insert(connection, target, [(name, 0, 0, 0, None, "")])

    def down(self, name: str, reason: str) -> None:
        """It takes nothing now; what was settled next will say that it does again."""
        with self._dialect.writing(self._engine) as connection:
            self._enter(connection, name)
            since = sa.func.coalesce(target.c.down_since, now())
            connection.execute(sa.update(target).where(target.c.name == name).values(down_since=since, reason=reason))

    def standing(self) -> list[Standing]:
        """Of every target that was ever told of anything, or could not be."""
        return [Standing(*row) for row in self._read(_STANDING)]

    def refused(self, name: str | None = None, limit: int = 1000) -> list[Refused]:
        query = sa.select(*(refused.c[field] for field in _FIELDS)).order_by(refused.c.target, refused.c.node_id)
        mine = query if name is None else query.where(refused.c.target == name)
        return [Refused(*row) for row in self._read(mine.limit(limit))]

    def retry(self, name: str | None = None) -> int:
        """Now, whatever was to be waited for."""
        again = sa.update(refused).values(not_before=now())
        with self._dialect.writing(self._engine) as connection:
            wanted = again if name is None else again.where(refused.c.target == name)
            return int(connection.execute(wanted).rowcount)

    def forget(self, name: str) -> bool:
        """As if it had never been told of anything."""
        with self._dialect.writing(self._engine) as connection:
            connection.execute(sa.delete(refused).where(refused.c.target == name))
            return bool(connection.execute(sa.delete(target).where(target.c.name == name)).rowcount)

    def _read(self, query: sa.Select[Any]) -> Sequence[Any]:
        with retryable_errors(), self._reader.connect() as connection:
            return connection.execute(query).all()


_FIELDS = ("node_id", "target", "attempts", "not_before", "reason")
_NAME = sa.bindparam("name", type_=target.c.name.type)


def _number(name: str) -> sa.BindParameter[int]:
    return sa.bindparam(name, type_=sa.BigInteger)


_CURSOR = sa.select(target.c.turn, target.c.version, target.c.node_id).where(target.c.name == _NAME)
_AGAIN = (
    sa.select(refused.c.node_id, refused.c.attempts)
    .where(refused.c.target == _NAME, refused.c.not_before <= _number("now"))
    .order_by(refused.c.not_before, refused.c.node_id)
)
_REFUSED = sa.and_(refused.c.node_id == outbox.c.node_id, refused.c.target == _NAME)
_place = sa.tuple_(outbox.c.version, outbox.c.node_id)
_FRESH = (
    sa.select(outbox.c.node_id, outbox.c.version, sa.func.coalesce(refused.c.attempts, 0).label("attempts"))
    .outerjoin(refused, _REFUSED)
    .where(_place > sa.tuple_(_number("version"), _number("node")))
    .order_by(outbox.c.version, outbox.c.node_id)
)
_STANDING = sa.select(
    target.c.name,
    sa.select(sa.func.count())
    .select_from(outbox)
    .where(_place > sa.tuple_(target.c.version, target.c.node_id))
    .scalar_subquery(),
    sa.select(sa.func.count()).where(refused.c.target == target.c.name).scalar_subquery(),
    target.c.down_since,
    target.c.reason,
).order_by(target.c.name)
