"""JSON Schema: which documents of one schema another does not take.

Sure is what can be told of a place from its types, its required properties, its values and its limits alone. A keyword
that says anything else at a place where the two differ makes it doubtful, and so does a new property where others were
free to send anything under its name: AWS has been seen to refuse that and to take it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.targets.glue.schemas.problem import Problem, UnreadableDefinition

_EVERY = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_COUNTABLE = frozenset({"null", "boolean"})
_NUMBERS = frozenset({"integer", "number"})
_LIMITS = {
    "maximum": (_NUMBERS, -1, "exclusiveMaximum"),
    "exclusiveMaximum": (_NUMBERS, -1, "maximum"),
    "minimum": (_NUMBERS, 1, "exclusiveMinimum"),
    "exclusiveMinimum": (_NUMBERS, 1, "minimum"),
    "maxLength": (frozenset({"string"}), -1, ""),
    "minLength": (frozenset({"string"}), 1, ""),
    "maxItems": (frozenset({"array"}), -1, ""),
    "minItems": (frozenset({"array"}), 1, ""),
}
"""Of which types, whether less or more of it takes less, and the keyword that says nearly the same."""
_SAYS_NOTHING = frozenset(
    {
        *("title", "description", "default", "examples", "readOnly", "writeOnly", "deprecated", "connect.name"),
        *("$schema", "$id", "id", "$comment", "$anchor", "definitions", "$defs"),
    }
)
_LOOKED_AT = frozenset({"type", "enum", "required", "properties", "additionalProperties", "items", *_LIMITS})


def problems(reader: str, writer: str) -> Iterable[Problem]:
    ours, theirs = _read(reader), _read(writer)
    found = _Place("", ours, theirs, sure=True).problems()
    return (*found, *_shared(ours, theirs))


def _read(text: str) -> Any:
    try:
        stated = json.loads(text)
    except ValueError as error:
        raise UnreadableDefinition("JSON", f"it cannot be parsed: {error}", certain=True) from error
    if not isinstance(stated, dict | bool):
        raise UnreadableDefinition("JSON", "a schema is an object", certain=True)
    return stated


def _shared(ours: Any, theirs: Any) -> Iterator[Problem]:
    """What definitions say is only told where one points at it."""
    for name in ("definitions", "$defs"):
        if '"$ref"' in json.dumps(ours) and _member(ours, name) != _member(theirs, name):
            yield Problem("keyword", "", name, sure=False)


def _member(schema: Any, name: str) -> Any:
    return schema.get(name) if isinstance(schema, dict) else None


class _Place(NamedTuple):
    """The same place in both schemas. `sure`: that a document of the writer's can get there."""

    path: str
    reader: Any
    writer: Any
    sure: bool

    def problems(self) -> Iterator[Problem]:
        ours, theirs = self.reader, self.writer
        if _same(ours, theirs) or ours in (True, {}):
            return
        if not isinstance(ours, dict) or not isinstance(theirs, dict):
            yield self._doubt("keyword", "nothing but true or false")
        elif "$ref" in ours:
            if ours["$ref"] != theirs.get("$ref"):
                yield self._doubt("keyword", "$ref")
        elif malformed := _malformed(ours) or _malformed(theirs):
            yield self._doubt("keyword", malformed)
        else:
            yield from _Looked(self, _types(theirs), self.sure and _plain(theirs)).problems()

    def _doubt(self, reason: str, what: str) -> Problem:
        return Problem(reason, self.path, what, sure=False)

    def at(self, name: str, reader: Any, writer: Any, *, sure: bool) -> _Place:
        path = f"{self.path}{name}" if name == "[]" else f"{self.path}.{name}".lstrip(".")
        return _Place(path, reader, writer, sure)


class _Looked(NamedTuple):
    """A place where both say what can be looked at. `types`: what the writer may write there."""

    place: _Place
    types: frozenset[str]
    sure: bool

    def problems(self) -> Iterator[Problem]:
        ours, theirs = self.place.reader, self.place.writer
        for keyword in sorted(ours.keys() - _LOOKED_AT - _SAYS_NOTHING):
            if not _same(ours[keyword], theirs.get(keyword)):
                yield self._said("keyword", keyword, sure=False)
        free = "enum" not in theirs
        if lost := self.types - _types(ours):
            yield self._said("types", _listed(_types(ours)), _listed(lost), sure=free)
        for name in _texts(ours.get("required")):
            if name not in _texts(theirs.get("required")):
                yield self._of(name, "required", sure=free and "object" in self.types)
        yield from self._values(free=free)
        yield from self._limits(free=free)
        yield from self._properties(sure=free and "object" in self.types)
        yield from self._items(sure=free and "array" in self.types)

    def _said(self, reason: str, reader: str = "", writer: str = "", *, sure: bool) -> Problem:
        return Problem(reason, self.place.path, reader, writer, self.sure and sure)

    def _of(self, name: str, reason: str, *, sure: bool) -> Problem:
        return self._said(reason, sure=sure)._replace(path=f"{self.place.path}.{name}".lstrip("."))

    def _values(self, *, free: bool) -> Iterator[Problem]:
        """Of what can be counted, all may be listed as well. Lists that are written otherwise are not compared."""
        ours, theirs = self.place.reader, self.place.writer
        if "enum" not in ours:
            return
        if free:
            limited = any(keyword in theirs for keyword in _LIMITS)
            yield self._said("free", sure=not limited and not self.types <= _COUNTABLE)
        elif lost := [each for each in theirs["enum"] if not any(_same(each, kept) for kept in ours["enum"])]:
            plain = all(type(each) is str for each in (*ours["enum"], *theirs["enum"]))
            yield self._said("values", "", ", ".join(map(_text, lost)), sure=plain and "string" in self.types)

    def _limits(self, *, free: bool) -> Iterator[Problem]:
        ours, theirs = self.place.reader, self.place.writer
        for keyword, (types, more, nearly) in _LIMITS.items():
            new, old = ours.get(keyword), theirs.get(keyword)
            if new is None or (old is not None and (new - old) * more <= 0):
                continue
            whole = all(type(each) is int for each in (new, old if old is not None else 0))
            idle = old is None and keyword in ("minLength", "minItems") and new == 0
            sure = free and whole and not idle and bool(types & self.types) and nearly not in theirs
            yield self._said("limit", f"{keyword} {new}", "" if old is None else f"{keyword} {old}", sure=sure)

    def _properties(self, *, sure: bool) -> Iterator[Problem]:
        ours, theirs = (each.get("properties", {}) for each in (self.place.reader, self.place.writer))
        closed, was_closed = (_member(each, "additionalProperties") for each in (self.place.reader, self.place.writer))
        for name in theirs:
            if name in ours:
                yield from self.place.at(name, ours[name], theirs[name], sure=self.sure and sure).problems()
            elif closed is False:
                possible = theirs[name] is not False and "patternProperties" not in self.place.reader
                yield self._of(name, "closed", sure=sure and possible)
            elif isinstance(closed, dict):
                yield self._of(name, "additional", sure=False)
        for name in ours.keys() - theirs.keys():
            if was_closed is not False and ours[name] not in (True, {}):
                yield self._of(name, "open", sure=False)
        if closed not in (None, True, {}) and was_closed is not False and not _same(closed, was_closed):
            yield self._said("additional", sure=False)

    def _items(self, *, sure: bool) -> Iterator[Problem]:
        ours, theirs = self.place.reader, self.place.writer
        if "items" not in ours:
            return
        if isinstance(ours["items"], dict) and isinstance(theirs.get("items"), dict):
            yield from self.place.at("[]", ours["items"], theirs["items"], sure=self.sure and sure).problems()
        elif not _same(ours["items"], theirs.get("items")):
            yield self._said("keyword", "items", sure=False)


def _plain(schema: Mapping[str, Any]) -> bool:
    """Nothing else narrows what is there, so that a document can be thought of that breaks."""
    return not schema.keys() - _LOOKED_AT - _SAYS_NOTHING


def _malformed(schema: Mapping[str, Any]) -> str:
    for keyword, kind in {"properties": dict, "required": list, "enum": list}.items():
        if keyword in schema and not isinstance(schema[keyword], kind):
            return keyword
    types = schema.get("type")
    if types is not None and not (isinstance(types, str) or (isinstance(types, list) and types)):
        return "type"
    return next((each for each in _LIMITS if each in schema and type(schema[each]) not in (int, float)), "")


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    stated = schema.get("type")
    types = _EVERY if stated is None else frozenset([stated] if isinstance(stated, str) else map(str, stated))
    return types | {"integer"} if "number" in types else types


def _texts(stated: Any) -> list[str]:
    return [each for each in stated if isinstance(each, str)] if isinstance(stated, list) else []


def _listed(types: Iterable[str]) -> str:
    """Of what all are, that is said; whole numbers are numbers."""
    named = set(types)
    if named >= _EVERY:
        return "anything"
    return " or ".join(sorted(named - {"integer"} if "number" in named else named))


def _same(one: Any, other: Any) -> bool:
    """True is not 1 here."""
    return bool(one == other) and _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
