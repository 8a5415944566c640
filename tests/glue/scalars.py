"""A text, number, truth value or time of the model, and the limits of whatever has a size."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.model import Shape

from tests.glue.refusals import Refused

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "timestamp": (int, float),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "blob": (str,),
}
_BITS = {"integer": 31, "long": 63}
_FOUND = {
    str: "STRING_VALUE",
    int: "NUMBER_VALUE",
    float: "DECIMAL_VALUE",
    bool: "TRUE_VALUE",
    type(None): "NULL_VALUE",
}

# Java's patterns count in UTF-16: two surrogates are one character beyond it here.
_SURROGATES = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
_UNICODE = (r"[\p{L}\p{N}\p{P}]", r"(?:\w|[!-/:-@\[-`{-~])")
_SINGLE_LINE = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*"
_MULTI_LINE = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"


class Scalar:
    """`violated` says which limits a value breaks, `str` names them all."""

    def __init__(self, shape: Shape) -> None:
        metadata = shape.metadata
        self._least, self._most = metadata.get("min"), metadata.get("max")
        self._types = _TYPES.get(shape.type_name, ())
        self._name, self._text = shape.type_name.capitalize(), shape.type_name == "string"
        self._bits = _BITS.get(shape.type_name)
        self._enum: list[str] = list(getattr(shape, "enum", None) or metadata.get("enum", []))
        self._pattern: str | None = metadata.get("pattern")
        self._matches = _matcher(self._pattern)
        self._size = "value" if shape.type_name in {"integer", "long", "double", "float"} else "length"

    def __str__(self) -> str:
        said = [] if self._most is None else [self._above]
        said += [] if self._least is None else [self._below]
        return ", ".join(said + ([] if self._pattern is None else [self._unlike]))

    @property
    def _above(self) -> str:
        return f"Member must have {self._size} less than or equal to {self._most}"

    @property
    def _below(self) -> str:
        return f"Member must have {self._size} greater than or equal to {self._least}"

    @property
    def _unlike(self) -> str:
        return f"Member must satisfy regular expression pattern: {self._pattern}"

    def violated(self, value: Any) -> list[str]:
        self._expect_type(value)
        if not self._text:
            return self.outside(value) if self._size == "value" else []
        problems = self.outside(len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass")))
        if not self._matches(value):
            problems.append(self._unlike)
        if self._enum and value not in self._enum:
            problems.append(f"Member must satisfy enum value set: [{', '.join(self._enum)}]")
        return problems

    def outside(self, size: float) -> list[str]:
        problems = []
        if self._most is not None and size > self._most:
            problems.append(self._above)
        if self._least is not None and size < self._least:
            problems.append(self._below)
        return problems

    def _expect_type(self, value: Any) -> None:
        found = type(value)
        if found not in self._types:
            said = _FOUND.get(found, "Start of structure or list")
            raise Refused("SerializationException", f"{said} can not be converted to a {self._name}")
        if self._bits and not -(1 << self._bits) <= value < 1 << self._bits:
            raise Refused("SerializationException", f"{value} can not be converted to a {self._name}")


def _matcher(pattern: str | None) -> Callable[[str], Any]:
    if pattern is None:
        return lambda value: True
    compiled = re.compile(pattern.replace(*_SURROGATES).replace(*_UNICODE), re.DOTALL)
    if pattern in {_SINGLE_LINE, _MULTI_LINE}:
        return lambda value: (value.isascii() and value.isprintable()) or compiled.fullmatch(value)
    return compiled.fullmatch
