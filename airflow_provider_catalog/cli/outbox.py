"""`outbox`: how far targets are told of the catalog, what they refused, and another try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, group, positive
from airflow_provider_catalog.cli.output import pairs, table, when
from airflow_provider_catalog.errors import NotFoundError

if TYPE_CHECKING:
    from airflow_provider_catalog.store.sql.outbox import Refused, Standing

_TARGETS = ("TARGET", "WAITING", "REFUSED", "DOWN SINCE", "REASON")
_REFUSED = ("TARGET", "DATASET", "TRIES", "NEXT TRY", "REASON")


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "outbox", "what is published to targets: list it, try it again")
    list_ = command(verbs, "list", _list, "list how far each target is told, what it refused, and why")
    list_.add_argument("--limit", type=positive, default=1000, help="so many that were refused (default: 1000)")
    retry = command(verbs, "retry", _retry, "try again now what was refused")
    for parser in (list_, retry):
        parser.add_argument("--target", metavar="NAME", help="of this one only")
    forget = command(verbs, "forget", _forget, "forget what a target was told; it is told of everything, if ever again")
    forget.add_argument("target", metavar="NAME")


def _list(context: Context) -> None:
    from airflow_provider_catalog.services.naming import labels

    target = context.args.target
    with context.database() as store:
        standing = [each for each in store.outbox.standing() if target in {None, each.target}]
        refused = store.outbox.refused(target, context.args.limit)
        entities = store.entities([each.node for each in refused])
    names = {each.node: labels(entities, each.node).id for each in refused}
    context.show(_document(standing, refused, names), lambda: _text(standing, refused, names, context))


def _document(standing: Sequence[Standing], refused: Sequence[Refused], names: Mapping[int, str]) -> dict[str, Any]:
    from airflow_provider_catalog.services.times import maybe_iso

    return {
        "targets": [each._asdict() | {"down_since": maybe_iso(each.down_since)} for each in standing],
        "refused": [
            {
                "target": each.target,
                "dataset": names[each.node],
                "tries": each.attempts,
                "next_try": maybe_iso(each.not_before),
                "reason": each.reason,
            }
            for each in refused
        ],
    }


def _text(standing: Sequence[Standing], refused: Sequence[Refused], names: Mapping[int, str], context: Context) -> str:
    targets = [(each.target, each.waiting, each.refused, when(each.down_since), each.reason) for each in standing]
    tries = [
        (each.target, names[each.node], each.attempts, when(each.not_before) or "when it changes", each.reason)
        for each in refused
    ]
    shown = table(_TARGETS, targets, context.style)
    return f"{shown}\n\n{table(_REFUSED, tries, context.style)}" if tries else shown


def _retry(context: Context) -> None:
    with context.database() as store:
        found = {"retried": store.outbox.retry(context.args.target)}
    context.show(found, lambda: pairs([*found.items()], context.style))


def _forget(context: Context) -> None:
    target = context.args.target
    with context.database() as store:
        if not store.outbox.forget(target):
            raise NotFoundError("target that was told of anything", target, "`airflow-catalog outbox list` has them")
    context.show({"forgotten": target}, lambda: f"{target} was told of nothing, as far as the catalog knows.")
