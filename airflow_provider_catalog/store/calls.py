"""The calls of a store that travel as they are: each with how its arguments and its result are written.

Made from the protocol, so that what it gets another day can be asked over HTTP, too. `accept` and `apply` have forms of
their own, `dump` is a stream, and `glance` and `close` are for whoever asks.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from types import FunctionType
from typing import Any, NamedTuple, Protocol, get_type_hints

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import DeadLetter
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.store.wire import Form, form, mapping

_OTHERWISE = {"accept", "apply", "dump", "glance", "close"}


class _Changes(Protocol):
    """`apply` as it travels: statements as model.codec writes them. `as_stated`: details and all, as of a worker that
    reads the log from afar; else the server notes who sent them.
    """

    def changes(
        self,
        statements: list[Any],
        *,
        merged_to: int | None = None,
        rejected: Sequence[DeadLetter] = (),
        as_stated: bool = False,
    ) -> dict[str, int]: ...


class Call(NamedTuple):
    """One method of the protocol. Arguments travel by name."""

    name: str
    signature: Signature
    arguments: Mapping[str, Form]
    result: Form

    def write(self, *values: Any, **named: Any) -> dict[str, Any]:
        bound = self.signature.bind(*values, **named)
        return {name: self.arguments[name].write(value) for name, value in bound.arguments.items()}

    def read(self, document: Any) -> dict[str, Any]:
        """What `write` wrote, or what somebody else made up."""
        stated = mapping(document, "")
        if unknown := stated.keys() - self.arguments.keys():
            raise RejectedError(f"/{min(unknown)[:100]}: {self.name} takes {', '.join(self.arguments) or 'nothing'}")
        for name, parameter in self.signature.parameters.items():
            if parameter.default is Parameter.empty and name not in stated:
                raise RejectedError(f"/{name}: is missing")
        return {name: self.arguments[name].read(value, f"/{name}") for name, value in stated.items()}


def _call(function: Callable[..., Any]) -> Call:
    hints = get_type_hints(function)
    signature = inspect.signature(function)
    own = signature.replace(parameters=[each for each in signature.parameters.values() if each.name != "self"])
    return Call(function.__name__, own, {name: form(hints[name]) for name in own.parameters}, form(hints["return"]))


CALLS: Mapping[str, Call] = {
    name: _call(function)
    for name, function in vars(Store).items()
    if isinstance(function, FunctionType) and not name.startswith("_") and name not in _OTHERWISE
}
CHANGES = _call(_Changes.changes)
