"""From what people write to what the catalog knows, and why some datasets are one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.grammar import storable
from airflow_provider_catalog.model.identity import DatasetId, EntityId, IdentityError
from airflow_provider_catalog.services.naming import Label, label, labels
from airflow_provider_catalog.store.protocol import AliasRule, Entity, Store

_CANDIDATES = 10
_WIDE = 1_000
_PARTS = re.compile(r"[./:#]")
_SAID = {
    "merged_into": "was merged into",
    "symlinks": "is a symlink of",
    "namespace": "lies in a namespace that is an alias of the one of",
    "alias_of": "is an alias of",
}


class AmbiguousError(NotFoundError):
    """Several things could be meant."""

    def __init__(self, what: str, name: str, candidates: Collection[str]) -> None:
        shown = sorted(candidates)[:_CANDIDATES]
        more = f" and {len(candidates) - len(shown)} more" if len(candidates) > len(shown) else ""
        super().__init__(what, name, f"it could be {', '.join(shown)}{more}")
        self.candidates = tuple(sorted(candidates))


@dataclass(frozen=True, slots=True)
class Step:
    """One reason, as a rule's name and a sentence."""

    rule: str
    sentence: str


class Alias(NamedTuple):
    """A rule by which two datasets are one or, when not `same`, are not. `producer`: whose it is, if anybody's."""

    left: Label
    right: Label
    rule: str
    producer: str
    same: bool

    def to_json(self) -> dict[str, Any]:
        ends = {"dataset": self.left.id, "other": self.right.id}
        return {**ends, "rule": self.rule, "said_by": self.producer or None, "same": self.same}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text stands for, with the reasons one by one."""

    text: str
    canonical: Label
    members: tuple[Label, ...]
    steps: tuple[Step, ...]
    rules: tuple[Alias, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "dataset": self.canonical.id,
            "platform": self.canonical.platform,
            "members": [member.id for member in self.members],
            "steps": [{"rule": step.rule, "explanation": step.sentence} for step in self.steps],
            "rules": [rule.to_json() for rule in self.rules],
        }


def find_dataset(store: Store, text: str | DatasetId) -> Entity:
    """The dataset that is meant: by its full id, else by the one name that ends or begins so."""
    if isinstance(text, DatasetId):
        return _known(store, text) or _missing("dataset", str(text))
    return _exact(store, text) or _by_name(store, text, "dataset")


def find_entity(store: Store, text: str, kinds: Collection[str] = ("dataset", "job")) -> Entity:
    """A dataset or anything else that has a name."""
    if "dataset" in kinds and (found := _exact(store, text)):
        return found
    others = [kind for kind in kinds if kind != "dataset"]
    for kind in others:
        if stated := _stated(store, text, kind):
            return stated
    for kind in kinds:
        try:
            return _by_name(store, text, kind)
        except AmbiguousError:
            raise
        except NotFoundError:
            continue
    return _missing(" or ".join(kinds), text)


def resolve(store: Store, text: str) -> Resolution:
    """Why a text means this dataset, and why that one is the same as others."""
    found = find_dataset(store, text)
    members = store.members(found.node)
    rules = store.alias_rules([member.uid for member in members])
    named = {
        **store.entities({uid for rule in rules for uid in (rule.left, rule.right)}),
        **{m.uid: m for m in members},
    }
    canonical = named.get(found.node, found)
    aliases = tuple(_alias(rule, named) for rule in rules)
    steps = (_reading(text, found), *map(_explained, aliases), _verdict(canonical, members))
    return Resolution(storable(text), label(canonical), tuple(sorted(map(label, members))), steps, aliases)


def _exact(store: Store, text: str) -> Entity | None:
    """The grammar's own reading needs no namespaces; where nothing is called that, the known ones are tried."""
    for namespaces in (None, store.namespaces):
        try:
            parsed = DatasetId.parse(text, namespaces() if namespaces else ())
        except IdentityError as error:
            if namespaces and error.candidates:
                return _among(store, text, error.candidates)
            continue
        if found := _known(store, parsed):
            return found
    return None


def _among(store: Store, text: str, candidates: Collection[DatasetId]) -> Entity | None:
    """Of several readings those count that the catalog knows; one is the answer, several are an error."""
    known = store.entities([candidate.uid for candidate in candidates])
    if len({entity.node for entity in known.values()}) > 1:
        raise AmbiguousError("single dataset", text, [label(entity).id for entity in known.values()])
    return next(iter(known.values()), None)


def _known(store: Store, dataset: DatasetId) -> Entity | None:
    return store.entities([dataset.uid]).get(dataset.uid)


def _stated(store: Store, text: str, kind: str) -> Entity | None:
    """`namespace/name` of something that has no grammar: the longest namespace for which it exists."""
    namespaces = sorted((ns for ns in store.namespaces(kind) if text.startswith(f"{ns}/")), key=len, reverse=True)
    uids = [EntityId(kind, namespace, text[len(namespace) + 1 :]).uid for namespace in namespaces]
    known = store.entities(uids)
    return next((known[uid] for uid in uids if uid in known), None)


def _by_name(store: Store, text: str, kind: str) -> Entity:
    """The only one whose name ends in this as a whole part, else the only one whose last part begins so."""
    begins = store.find(text, kinds=(kind,), limit=_WIDE) if text else []
    for some in (list(_ending(store, text, kind, begins)), begins):
        nodes = {entity.node: entity for entity in some}
        if len(nodes) > 1:
            raise AmbiguousError(f"single {kind}", text, {label(entity).id for entity in nodes.values()})
        if nodes:
            return some[0]
    return _missing(kind, text)


def _ending(store: Store, text: str, kind: str, begins: Collection[Entity]) -> Iterator[Entity]:
    """The store finds by the last part of a name, so that part is looked up and the parts before it are compared."""
    wanted = text.lower()
    last = _PARTS.split(wanted)[-1]
    found = {entity.uid: entity for entity in begins}
    if last and last != wanted:
        found |= {entity.uid: entity for entity in store.find(last, kinds=(kind,), limit=_WIDE)}
    yield from (e for e in found.values() if e.name.lower().endswith(wanted) and _whole(e.name, len(wanted)))


def _whole(name: str, length: int) -> bool:
    return length > 0 and (len(name) == length or not (name[-length - 1].isalnum() or name[-length - 1] == "_"))


def _missing(what: str, name: str) -> Entity:
    raise NotFoundError(what, name, "`airflow-catalog search` lists what is there")


def _reading(text: str, found: Entity) -> Step:
    platform = label(found).platform
    sentence = f"{text!r} is read as namespace {found.namespace!r}, name {found.name!r}, platform {platform}"
    return Step("grammar", sentence)


def _alias(rule: AliasRule, named: Mapping[int, Entity]) -> Alias:
    return Alias(labels(named, rule.left), labels(named, rule.right), rule.rule, rule.producer, rule.same)


def _explained(alias: Alias) -> Step:
    by = f", says {alias.producer}" if alias.producer else ""
    if not alias.same:
        return Step("split", f"{alias.left.id} is another dataset than {alias.right.id}{by}")
    return Step(alias.rule, f"{alias.left.id} {_SAID.get(alias.rule, 'is the same as')} {alias.right.id}{by}")


def _verdict(canonical: Entity, members: Collection[Entity]) -> Step:
    name = label(canonical).id
    if len(members) == 1:
        return Step("canonical", f"{name} stands for itself alone")
    return Step("canonical", f"{name} stands for all {len(members)} names")
