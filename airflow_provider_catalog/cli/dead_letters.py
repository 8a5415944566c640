"""`dead-letters`: what could not be read, why, and another try."""

from __future__ import annotations

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, group, positive
from airflow_provider_catalog.cli.output import clean, pairs, table


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "dead-letters", "what could not be read: list it, try it again")
    list_ = command(verbs, "list", _list, "list what could not be read, and why")
    retry = command(verbs, "retry", _retry, "read dead letters again, with the readers of today")
    retry.add_argument(
        "--refused", action="store_true", help="also take what was refused since its sender may not say it"
    )
    for parser in (list_, retry):
        parser.add_argument("--limit", type=positive, default=1000, help="the oldest so many (default: 1000)")


def _list(context: Context) -> None:
    from airflow_provider_catalog.services.dead_letters import letter_to_json

    with context.store() as store:
        found = [letter_to_json(letter) for letter in store.dead_letters(context.args.limit)]
    rows = [
        (
            one["recorded_at"][:16].replace("T", " "),
            one["kind"],
            one["producer"],
            one["reason"],
            clean(one["head"])[:60],
        )
        for one in found
    ]
    context.show(found, lambda: table(("RECORDED", "KIND", "PRODUCER", "REASON", "BEGINS"), rows, context.style))


def _retry(context: Context) -> int:
    from airflow_provider_catalog.worker.replay import retried_to_json, retry

    with context.store() as store:
        merged = retry(store, store.dead_letters(context.args.limit), refused=context.args.refused)
    found = retried_to_json(merged)
    context.show(
        found, lambda: pairs([(name.replace("_", " "), count) for name, count in found.items()], context.style)
    )
    return 1 if merged.rejected else 0
