"""For authors of DAGs: say what a task reads and writes, and which tasks are captured.

    @task
    @lineage(inputs=["s3://raw/orders"], outputs=["postgres://db:5432/shop.public.orders"])
    def load(): ...

Datasets are URIs or `namespace/name`, as `airflow-catalog` shows them; columns are `dataset#column`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from airflow_provider_catalog.capture.declared import declare
from airflow_provider_catalog.capture.switches import PARAM

__all__ = ["declare", "disable_capture", "enable_capture", "lineage"]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def lineage(
    inputs: Iterable[str] = (), outputs: Iterable[str] = (), columns: Mapping[str, Iterable[str]] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """What a function derives from what, whenever it has returned. What is only known while it runs it tells itself,
    by `declare` with the same arguments. `columns`: for each column that is written those it is made of.
    """
    reads, writes = _listed("inputs", inputs), _listed("outputs", outputs)
    made_of = {column: _listed("columns", sources) for column, sources in (columns or {}).items()}

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        if hasattr(function, "operator_class"):
            raise TypeError("@lineage belongs below @task: it decorates the function, not the task")

        @wraps(function)
        def told(*args: P.args, **kwargs: P.kwargs) -> R:
            result = function(*args, **kwargs)
            declare(reads, writes, made_of)
            return result

        return told

    return decorate


def _listed(what: str, stated: Iterable[str]) -> list[str]:
    """One text is easily given where a list is meant."""
    if isinstance(stated, str):
        raise TypeError(f"{what} must be a list of datasets, not one text: [{stated!r}]")
    return list(stated)


def enable_capture(of: T) -> T:
    """Of a task, or of all tasks a DAG has by now, with `[catalog] selective_enable = True`."""
    return _switch(of, on=True)


def disable_capture(of: T) -> T:
    """The catalog hears nothing of this task, or of the tasks a DAG has by now."""
    return _switch(of, on=False)


def _switch(of: T, *, on: bool) -> T:
    from airflow.sdk import Param

    target: Any = getattr(of, "operator", of)
    for each in (target, *getattr(target, "task_dict", {}).values()):
        each.params[PARAM] = Param(on, const=on)
    return of
