"""Avro: what keeps who reads by one schema from reading what was written by another, by Avro's rules of resolution.

Logical types are no part of those rules, so that AWS takes a date that becomes a time: it is told, and not sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from airflow_provider_catalog.targets.glue.schemas.avro_text import Field, Named, Schema, Type, read
from airflow_provider_catalog.targets.glue.schemas.problem import Problem

_READ_AS = {
    "int": {"long", "float", "double"},
    "long": {"float", "double"},
    "float": {"double"},
    "string": {"bytes"},
    "bytes": {"string"},
}


def problems(reader: str, writer: str) -> Iterable[Problem]:
    ours, theirs = read(reader), read(writer)
    return _Reading(ours, theirs).problems(ours.root, theirs.root, "")


class _Reading:
    """A type may hold itself: while two are compared they are taken to fit, and what is found is kept."""

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._reader, self._writer = reader, writer
        self._found: dict[tuple[str, str], tuple[Problem, ...]] = {}

    def problems(self, reader: Type, writer: Type, path: str) -> tuple[Problem, ...]:
        if writer.kind == "union":
            each = (self.problems(reader, branch, path) for branch in writer.inside)
            return tuple(dict.fromkeys(chain.from_iterable(each)))
        if reader.kind == "union":
            return self._of_branches(reader, writer, path)
        if reader.kind == writer.kind:
            return (*self._alike(reader, writer, path), *_logical(reader, writer, path))
        if reader.kind in _READ_AS.get(writer.kind, ()):
            return tuple(_logical(reader, writer, path))
        return (_unread(reader, writer, path),)

    def _of_branches(self, reader: Type, writer: Type, path: str) -> tuple[Problem, ...]:
        """One that reads it is enough. Of the one that was meant for it more can be told than that none does."""
        unread = (_unread(reader, writer, path),)
        tried = [(branch.kind, self.problems(branch, writer, path)) for branch in reader.inside]
        best = min((found for _, found in tried), key=_badness, default=unread)
        if _badness(best) < _badness(unread):
            return best
        meant = [found for kind, found in tried if kind == writer.kind]
        return meant[0] if len(meant) == 1 else unread

    def _alike(self, reader: Type, writer: Type, path: str) -> tuple[Problem, ...]:
        if reader.inside:
            return self.problems(reader.inside[0], writer.inside[0], f"{path}[]")
        return self._named(reader, writer, path) if reader.name else ()

    def _named(self, reader: Type, writer: Type, path: str) -> tuple[Problem, ...]:
        pair = (reader.name, writer.name)
        if pair not in self._found:
            self._found[pair] = ()
            ours, theirs = self._reader.names[reader.name], self._writer.names[writer.name]
            found = chain(_called(ours, theirs, path), self._parts(ours, theirs, path))
            self._found[pair] = tuple(dict.fromkeys(found))
        return self._found[pair]

    def _parts(self, ours: Named, theirs: Named, path: str) -> Iterator[Problem]:
        if ours.type.kind == "enum":
            yield from _symbols(ours, theirs, path)
        elif ours.type.kind == "fixed" and ours.size != theirs.size:
            yield Problem("size", path, str(ours.size), str(theirs.size))
        written = {field.name: field for field in theirs.fields}
        for field in ours.fields:
            yield from self._field(field, written, f"{path}.{field.name}".lstrip("."))

    def _field(self, field: Field, written: dict[str, Field], path: str) -> Iterable[Problem]:
        found = [written[name] for name in (field.name, *field.aliases) if name in written]
        if found:
            doubt = [Problem("aliases", path, sure=False)] if found[0].name != field.name and len(found) > 1 else []
            return (*self.problems(field.type, found[0].type, path), *doubt)
        if field.default:
            return ()
        falls_back = field.type.kind == "enum" and self._reader.names[field.type.name].default is not None
        return (Problem("unwritten", path, str(field.type), sure=not falls_back),)


def _badness(found: Iterable[Problem]) -> int:
    """Nothing, something doubtful, something sure."""
    return max((1 + each.sure for each in found), default=0)


def _unread(reader: Type, writer: Type, path: str) -> Problem:
    if writer.kind == "null":
        return Problem("null", path, str(reader))
    return Problem("branch" if reader.kind == "union" else "type", path, str(reader), str(writer))


def _logical(reader: Type, writer: Type, path: str) -> Iterator[Problem]:
    if reader.logical != writer.logical:
        yield Problem("logical", path, reader.logical or reader.kind, writer.logical or writer.kind, sure=False)


def _called(ours: Named, theirs: Named, path: str) -> Iterator[Problem]:
    """Namespaces do not count, but in an alias they do to some."""
    wanted, full = _last(theirs.type.name), theirs.type.name
    if _last(ours.type.name) == wanted or full in ours.aliases:
        return
    almost = wanted in map(_last, ours.aliases)
    yield Problem("name", path, ours.type.name, full, sure=not almost)


def _symbols(ours: Named, theirs: Named, path: str) -> Iterator[Problem]:
    lost = [each for each in theirs.symbols if each not in ours.symbols]
    if lost and ours.default not in ours.symbols:
        yield Problem("symbols", path, ours.type.name, ", ".join(lost), sure=ours.default is None)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
