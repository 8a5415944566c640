"""The table that the transport `table` of our dbt package fills, over any connection whose hook knows DB-API; and the
namespace of the datasets of a connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Self

from airflow.sdk.exceptions import AirflowException
from sqlalchemy import ColumnElement, Dialect, Executable, column, delete, func, select, table
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite
from sqlalchemy.engine.default import DefaultDialect

from airflow_provider_catalog.capture.connections import connection_record
from airflow_provider_catalog.hooks.database import connection_of
from airflow_provider_catalog.sources.connections import Database, database
from airflow_provider_catalog.sources.dbt.exported import COLUMNS

_DIALECTS: dict[str, Any] = {
    **dict.fromkeys(("postgres", "redshift", "duckdb"), postgresql.dialect),
    "mysql": mysql.dialect,
    "tsql": mssql.dialect,
    "oracle": oracle.dialect,
    "sqlite": sqlite.dialect,
}
_STYLES = {"?": "qmark", "%s": "format"}


def place_of(conn_id: str) -> Database:
    """What a connection means, also where its provider is not installed."""
    connection = connection_of(conn_id)
    hook = None
    with suppress(AirflowException, ImportError):
        hook = connection.get_hook()
    return database(connection_record(connection, hook))


def _hook(conn_id: str, connection: Any) -> Any:
    try:
        return connection.get_hook()
    except (AirflowException, ImportError) as error:
        raise AirflowException(f"the connection {conn_id} has no hook here: {error}") from error


class ExportTable:
    """Statements are SQLAlchemy's, so that names are quoted as the database has it, and executed by the hook's own
    driver, which need not be one of SQLAlchemy's.
    """

    def __init__(self, connection: Any, dialect: Dialect, name: str, schema: str | None) -> None:
        self._connection = connection
        self._dialect = dialect
        self._table = table(name, *(column(each) for each in COLUMNS), schema=schema)
        self._id = self._table.c.invocation_id

    @classmethod
    @contextmanager
    def opened(cls, conn_id: str, name: str, schema: str | None) -> Iterator[Self]:
        hook = _hook(conn_id, connection_of(conn_id))
        if not hasattr(hook, "get_conn") or not hasattr(hook, "get_records"):
            raise AirflowException(f"the connection {conn_id} is not to a database that is asked in SQL")
        style: Any = _STYLES.get(str(getattr(hook, "placeholder", "%s")), "format")
        made = _DIALECTS.get(place_of(conn_id).dialect, DefaultDialect)
        with closing(hook.get_conn()) as connection:
            yield cls(connection, made(paramstyle=style), name, schema)

    def invocations(self) -> list[tuple[str, str]]:
        """With the time of their last row, the oldest first."""
        written = func.max(self._table.c.created_at).label("written")
        try:
            found = self._execute(select(self._id, written).group_by(self._id).order_by(written))
        except Exception as error:
            reason = " ".join(str(error).split())[:300]
            raise AirflowException(
                f"{self._table.fullname} cannot be read: {reason}. dbt makes it with the first run that has the "
                "transport `table`; schema names where airflow_catalog_schema put it"
            ) from error
        return [(str(invocation_id), str(at or "")) for invocation_id, at in found]

    def rows(self, invocation_id: str) -> list[dict[str, Any]]:
        found = self._execute(select(*self._table.c).where(self._of(invocation_id)))
        return [dict(zip(COLUMNS, row, strict=True)) for row in found]

    def forget(self, invocation_id: str) -> None:
        self._execute(delete(self._table).where(self._of(invocation_id)), answers=False)
        self._connection.commit()

    def _of(self, invocation_id: str) -> ColumnElement[bool]:
        return self._id == invocation_id

    def _execute(self, statement: Executable, *, answers: bool = True) -> list[tuple[Any, ...]]:
        compiled: Any = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]  # all of ours are
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(str(compiled), [compiled.params[name] for name in compiled.positiontup or ()])
            return list(cursor.fetchall()) if answers else []
