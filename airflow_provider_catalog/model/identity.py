"""Ids: the only place where they are made or parsed.

A dataset is the pair (namespace, name) of the OpenLineage naming conventions. Making an id cleans the pair, so that the
spellings in which one dataset arrives become one id: aliases of a scheme, user info, secrets, `None` segments, slashes
at the ends. Case is kept for display; `key` holds it folded by the platform's rule and is what ids compare and hash by.
The name "/" is the whole of a namespace, as a bucket is.

`namespace/name` is for people: it cannot always be split again, so `DatasetId.parse` also asks which namespaces are
known. Ids are interned: making one that was made before is a look-up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, ClassVar, TypeVar
from urllib.parse import unquote
from uuid import UUID

from airflow_provider_catalog.model import grammar
from airflow_provider_catalog.model.platforms import by_namespace, by_scheme
from airflow_provider_catalog.model.redaction import strip_secrets

__all__ = [
    "ColumnId",
    "DatasetId",
    "EntityId",
    "IdentityError",
    "JobId",
    "better_display",
    "column_uid",
    "fold_column",
    "run_uid",
    "strip_secrets",
]

_REMEMBERED, _LISTED = 65_536, 20
_ENCODED = re.compile(r"(?i)[a-z][\w+.-]*%(?:3a|2f)")
_NODE_ID = re.compile(r"aws:glue_table:[^:/]*:(?=glue://)")
"""Before a table of Glue, as lineage bridges name their nodes."""
_Id = TypeVar("_Id", bound="EntityId")


class IdentityError(ValueError):
    """A text that names no one dataset; `candidates` are the ids it could mean."""

    def __init__(self, text: str, candidates: tuple[DatasetId, ...] = ()) -> None:
        self.text = strip_secrets(text)
        self.candidates = candidates
        super().__init__(self.text, candidates)

    def __str__(self) -> str:
        if not self.candidates:
            return f"{self.text!r} names no dataset: give namespace/name, such as postgres://host:5432/db.schema.table"
        return f"{self.text!r} does not name one dataset: give one of {', '.join(map(str, self.candidates))}"


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class EntityId:
    """What anything in the catalog is known by. Equal when kind and key are; `uid` is a hash of both."""

    kind: str
    namespace: str
    name: str
    key: tuple[str, str]
    uid: int

    def __new__(cls, kind: str, namespace: str, name: str) -> EntityId:  # noqa: PYI034  # made elsewhere, once
        return _entity(kind, namespace, name)

    def __eq__(self, other: object) -> bool:
        same = self is other
        return same or (isinstance(other, EntityId) and self.key == other.key and self.kind == other.kind)

    def __hash__(self) -> int:
        return self.uid

    def __reduce__(self) -> tuple[Any, ...]:
        return EntityId, (self.kind, self.namespace, self.name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.namespace!r}, {self.name!r})"

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class JobId(EntityId):
    """A job: for Airflow, `{dag_id}.{task_id}` in the namespace of the installation."""

    __slots__ = ()

    def __new__(cls, namespace: str, name: str) -> JobId:  # noqa: PYI034  # made elsewhere, once
        return _job(namespace, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return JobId, (self.namespace, self.name)


class DatasetId(EntityId):
    """A dataset, by the naming conventions of its platform."""

    __slots__ = ()

    def __new__(cls, namespace: str, name: str) -> DatasetId:  # noqa: PYI034  # made elsewhere, once
        return _dataset(namespace, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return DatasetId, (self.namespace, self.name)

    def __str__(self) -> str:
        """Paths that begin with a slash follow a host at once: `hdfs://namenode:8020/path`."""
        if self.name == "/":
            return f"{self.namespace}/"
        joined = by_namespace(self.namespace).start == "/" and self.name.startswith("/") and "://" in self.namespace
        return self.namespace + self.name if joined else f"{self.namespace}/{self.name}"

    @property
    def platform(self) -> str:
        return by_namespace(self.namespace).name

    @property
    def short_name(self) -> str:
        """The last part of the name, as people call the dataset; of the namespace if the dataset is all of it."""
        text = self.namespace if self.name == "/" else self.name
        row = by_namespace(self.namespace)
        pathlike = self.name == "/" or (not row.schemes and "/" in text)
        return grammar.parts(text, "/" if pathlike else row.separator)[-1] or self.name

    @classmethod
    def parse(cls, text: str, known_namespaces: Iterable[str] = ()) -> DatasetId:
        """The id a display string, an Airflow Asset URI, an ARN or a bare name stands for.

        A known namespace followed by a slash is taken at its word; of several, the one the platform's grammar would
        choose. Without one the grammar decides. A bare name belongs to the only known namespace whose names look so.
        """
        known, text = tuple(dict.fromkeys(known_namespaces)), _NODE_ID.sub("", text)
        stated = _distinct((each, text[len(each) + 1 :]) for each in known if text.startswith(f"{each}/"))
        if len(stated) == 1:
            return stated[0]
        meant = _by_grammar(strip_secrets(text), known)
        if stated:
            return _only(text, tuple(each for each in stated if meant and each.namespace == meant.namespace) or stated)
        if meant:
            return meant
        return DatasetId.parse(unquote(text), known) if _ENCODED.match(text) else _bare(strip_secrets(text), known)

    @classmethod
    def from_asset_uri(cls, uri: str) -> DatasetId | None:
        """None for what is not a URI (an Asset may be any string), or names a database server and nothing in it."""
        stripped = strip_secrets(uri)
        pair = grammar.split_arn(stripped) or grammar.split_uri(stripped, slashes_are_dots=True)
        return DatasetId(*pair) if pair else None


@dataclass(frozen=True, slots=True, init=False, eq=False)
class ColumnId:
    """A column of a dataset; the name "" means the whole dataset, "a.b" a nested field."""

    kind: ClassVar[str] = "column"
    dataset: DatasetId
    name: str
    folded: str
    uid: int

    def __new__(cls, dataset: DatasetId, name: str) -> ColumnId:  # noqa: PYI034  # made elsewhere, once
        return _column(dataset.namespace, dataset.name, name)

    @property
    def key(self) -> tuple[str, str, str]:
        return (*self.dataset.key, self.folded)

    def __eq__(self, other: object) -> bool:
        same = self is other
        return same or (isinstance(other, ColumnId) and self.folded == other.folded and self.dataset == other.dataset)

    def __hash__(self) -> int:
        return self.uid

    def __reduce__(self) -> tuple[Any, ...]:
        return ColumnId, (self.dataset, self.name)

    def __str__(self) -> str:
        return f"{self.dataset}#{self.name}"


def column_uid(dataset_uid: int, name: str) -> int:
    """`name` is folded already: bulk callers fold once and hold no id objects."""
    return _hash63(dataset_uid.to_bytes(8, "big") + _utf8(name))


def fold_column(platform: str, name: str) -> str:
    return grammar.fold_column(by_scheme(platform), name)


def better_display(a: str, b: str, folded: str) -> str:
    """Which of two stated cases to show. The order in which they were stated makes no difference."""
    return folded if folded in (a, b) else min(a, b)


_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@lru_cache(maxsize=8192)
def run_uid(run_id: str) -> bytes:
    """16 bytes for any run id: producers should send UUIDs, and some do not."""
    try:
        return bytes.fromhex(run_id.replace("-", "")) if _UUID.fullmatch(run_id) else UUID(run_id).bytes
    except ValueError:
        return blake2b(_utf8(run_id), digest_size=16).digest()


# Making ids


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _hash63(data: bytes) -> int:
    """63 bits: a signed column of every database holds it."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big") >> 1


def _set(made: object, **fields: object) -> None:
    for field, value in fields.items():
        object.__setattr__(made, field, value)


def _build(cls: type[_Id], kind: str, namespace: str, name: str, folded: str) -> _Id:
    made = object.__new__(cls)
    uid = _hash63(_utf8(f"{kind}:{len(namespace)}:{namespace}{folded}"))
    _set(made, kind=kind, namespace=namespace, name=name, key=(namespace, folded), uid=uid)
    return made


def _exact(cls: type[_Id], kind: str, namespace: str, name: str) -> _Id:
    """Names we do not know the grammar of."""
    name = grammar.storable(name)
    return _build(cls, kind, strip_secrets(grammar.storable(namespace)), name, name)


@lru_cache(maxsize=_REMEMBERED)
def _entity(kind: str, namespace: str, name: str) -> EntityId:
    """Datasets and jobs have classes of their own, however they are asked for."""
    if kind in ("dataset", "job"):
        return DatasetId(namespace, name) if kind == "dataset" else JobId(namespace, name)
    return _exact(EntityId, kind, namespace, name)


@lru_cache(maxsize=_REMEMBERED)
def _job(namespace: str, name: str) -> JobId:
    return _exact(JobId, "job", namespace, name)


@lru_cache(maxsize=_REMEMBERED)
def _dataset(namespace: str, name: str) -> DatasetId:
    namespace, name = grammar.clean(namespace, name)
    return _build(DatasetId, "dataset", namespace, name, grammar.fold(by_namespace(namespace), name))


@lru_cache(maxsize=_REMEMBERED)
def _column(namespace: str, dataset_name: str, name: str) -> ColumnId:
    """Remembered by the names as stated: datasets that differ in case only are equal, and shown as they were stated."""
    dataset = DatasetId(namespace, dataset_name)
    made, name = object.__new__(ColumnId), grammar.storable(name)
    folded = grammar.fold_column(by_namespace(dataset.namespace), name)
    _set(made, dataset=dataset, name=name, folded=folded, uid=column_uid(dataset.uid, folded))
    return made


# Parsing


def _distinct(pairs: Iterable[tuple[str, str]]) -> tuple[DatasetId, ...]:
    return tuple(dict.fromkeys(DatasetId(*pair) for pair in pairs))


def _only(text: str, candidates: tuple[DatasetId, ...]) -> DatasetId:
    if len(candidates) != 1:
        raise IdentityError(text, candidates[:_LISTED])
    return candidates[0]


def _by_grammar(text: str, known: tuple[str, ...]) -> DatasetId | None:
    pair = grammar.split_uri(text) or grammar.split_arn(text) or grammar.split_word(text)
    return _in_account(text, DatasetId(*pair), known) if pair else None


def _in_account(text: str, dataset: DatasetId, known: tuple[str, ...]) -> DatasetId:
    """`glue://db/t` leaves out the account: the only known one is meant; while none is known, `glue://` is."""
    row = by_namespace(dataset.namespace)
    if not row.prefix or not dataset.namespace.endswith("://"):
        return dataset
    accounts = [each for each in known if each.startswith("arn:") and by_namespace(each) is row]
    return _only(text, _distinct((each, dataset.name) for each in accounts) or (dataset,))


def _bare(text: str, known: tuple[str, ...]) -> DatasetId:
    """Where no namespace fits, all that are known are candidates and none is taken."""
    fitting = _distinct((each, text) for each in known if text and grammar.fits(each, text))
    if not fitting:
        raise IdentityError(text, _distinct((each, text) for each in known[:_LISTED]))
    return _only(text, fitting)
