"""Problems in words a person acts on: what changed, who cannot read it any more, and what to do.

Seen from the new definition a problem is one of two: it does not read what was written before (backward), or those who
read by a definition before do not read what is written by it (forward).
"""

from __future__ import annotations

from typing import NamedTuple

from airflow_provider_catalog.targets.glue.schemas.problem import Problem

_OURS = "the new definition cannot read what {version} wrote"
_THEIRS = "readers with {version} cannot read it"
_DOUBT = "; this check cannot tell whether AWS takes that"


class _Words(NamedTuple):
    """`{new}` and `{old}` are what stands there in the two definitions."""

    backward: str
    forward: str


_WORDS = {
    "unwritten": _Words(
        f"field `{{path}}` is new and has no default: {_OURS}; give it a default",
        f"field `{{path}}` was removed and has no default: {_THEIRS}; give it a default or keep it",
    ),
    "required": _Words(
        f"`{{path}}` is required now: {_OURS}, which may lack it; make it optional",
        f"`{{path}}` was required and is not any more: {_THEIRS}, as it may be missing; keep it required",
    ),
    "type": _Words(
        f"`{{path}}` was {{old}} and is {{new}}: {_OURS}; keep the type, or add a field beside it",
        f"`{{path}}` was {{old}} and is {{new}}: {_THEIRS}; keep the type, or add a field beside it",
    ),
    "branch": _Words(
        f"`{{path}}` could be {{old}} and can only be {{new}} now: {_OURS}; keep {{old}} in the union",
        f"`{{path}}` can be {{new}} now and was {{old}}: {_THEIRS}; leave {{new}} out of the union",
    ),
    "null": _Words(
        f"`{{path}}` could be null and is {{new}} now: {_OURS}, which may hold nulls; keep null in its union",
        f"`{{path}}` can be null now and was {{old}}: {_THEIRS} where it is null; leave null out of its union",
    ),
    "name": _Words(
        f"`{{path}}` was called {{old}} and is called {{new}}: {_OURS}; keep the name, or add {{old}} to its aliases",
        f"`{{path}}` was called {{old}} and is called {{new}}: {_THEIRS}; keep the name",
    ),
    "symbols": _Words(
        f"`{{path}}` lost {{old}}: {_OURS}; keep what it lost, or give the enum a default",
        f"`{{path}}` has new symbols {{new}}: {_THEIRS}, as they do not know them; leave them out",
    ),
    "size": _Words(
        f"`{{path}}` had {{old}} bytes and has {{new}}: {_OURS}; keep the size",
        f"`{{path}}` had {{old}} bytes and has {{new}}: {_THEIRS}; keep the size",
    ),
    "logical": _Words("`{path}` was {old} and is {new}", "`{path}` was {old} and is {new}"),
    "aliases": _Words("`{path}` goes by two names that were there", "`{path}` went by two names that are there"),
    "types": _Words(
        f"`{{path}}` could be {{old}} and takes only {{new}} now: {_OURS}; keep the type",
        f"`{{path}}` can be {{new}} now and was {{old}}: {_THEIRS}; keep the type",
    ),
    "free": _Words(
        f"`{{path}}` takes listed values only: {_OURS}, which may hold any; drop the enum",
        f"`{{path}}` takes any value now and was an enum: {_THEIRS}; keep the enum",
    ),
    "values": _Words(
        f"`{{path}}` lost the values {{old}}: {_OURS}; keep them",
        f"`{{path}}` has new values {{new}}: {_THEIRS}, as they do not take them; leave them out",
    ),
    "limit": _Words(
        f"`{{path}}` has {{new}} and had {{old}}: {_OURS}, which may lie beyond; keep the limit as it was",
        f"`{{path}}` has {{new}} and had {{old}}: {_THEIRS} where it lies beyond; keep the limit as it was",
    ),
    "closed": _Words(
        f"`{{path}}` was removed and other properties are forbidden: {_OURS}; keep it, or allow additionalProperties",
        f"`{{path}}` is new: {_THEIRS}, as they forbid other properties; leave it out",
    ),
    "open": _Words(
        "`{path}` is new, and before anything could be written under its name",
        "`{path}` was removed, and anything can be written under its name now",
    ),
    "additional": _Words(
        "`{path}` says something else of additionalProperties now",
        "`{path}` says something else of additionalProperties now",
    ),
    "keyword": _Words("`{path}` has {new}, which is not compared", "`{path}` has {old}, which is not compared"),
    "message": _Words(
        f"message `{{path}}` was removed: {_OURS}; keep it",
        f"message `{{path}}` is new: {_THEIRS}, as they do not know it; leave it out, or use a BACKWARD mode",
    ),
    "repeated": _Words(
        f"`{{path}}` was {{old}} and is {{new}}: {_OURS}; keep it, or add a field beside it",
        f"`{{path}}` was {{old}} and is {{new}}: {_THEIRS}; keep it, or add a field beside it",
    ),
    "optional": _Words("`{path}` is required now and was not", "`{path}` was required and is not any more"),
    "ignored": _Words("`{path}` was required and is removed", "`{path}` is new and required"),
    "renamed": _Words("`{path}` was called {old}", "`{path}` is called {new} now"),
    "oneof": _Words("`{path}` is in another oneof than it was", "`{path}` was in another oneof than it is"),
    "wire": _Words("`{path}` was {old} and is {new}", "`{path}` was {old} and is {new}"),
    "syntax": _Words("the syntax was {old} and is {new}", "the syntax was {old} and is {new}"),
    "package": _Words("the package was {old} and is {new}", "the package was {old} and is {new}"),
}
_ROOT = "the schema itself"


def sentence(problem: Problem, version: int, *, backward: bool) -> str:
    words = _WORDS[problem.reason]
    new, old = (problem.reader, problem.writer) if backward else (problem.writer, problem.reader)
    said = (words.backward if backward else words.forward).format(
        path=problem.path or _ROOT, new=new or "none", old=old or "none", version=f"version {version}"
    )
    return said.replace(f"`{_ROOT}`", _ROOT) + ("" if problem.sure else _DOUBT)
