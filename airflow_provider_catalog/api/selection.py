"""Field selection: `fields=dataset,lineage.upstream.name` leaves the rest of an answer out.

A path names keys from the top, with dots. Lists are passed through: a key of a list is that key of each of its items.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

_Tree: TypeAlias = "dict[str, _Tree]"
_PATHS = 100


def select(document: Any, paths: str) -> Any:
    """The whole document when no path is given."""
    wanted = [path.strip() for path in paths.split(",") if path.strip()]
    if len(wanted) > _PATHS:
        raise ValueError(f"fields: {len(wanted)} paths; {_PATHS} is the limit")
    return _pruned(document, _tree(wanted)) if wanted else document


def _tree(paths: Iterable[str]) -> _Tree:
    """A key without keys below it means all that is below it, also where another path says less."""
    tree: _Tree = {}
    for path in sorted(paths, key=len, reverse=True):
        branch = tree
        *above, last = path.split(".")
        for key in above:
            branch = branch.setdefault(key, {})
        branch[last] = {}
    return tree


def _pruned(document: Any, tree: _Tree) -> Any:
    if not tree:
        return document
    if isinstance(document, list):
        return [_pruned(each, tree) for each in document]
    if isinstance(document, dict):
        return {key: _pruned(document[key], below) for key, below in tree.items() if key in document}
    return document
