"""`set`, `merge` and `split`: a person's word, which wins over every machine's until it is taken back."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command

if TYPE_CHECKING:
    from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
    from airflow_provider_catalog.model.statement import Claim
    from airflow_provider_catalog.store.protocol import Store

_EXAMPLES = """examples:
  airflow-catalog set orders --owner data-team --description "All orders" --tag domain=sales
  airflow-catalog set orders#email --tag pii
  airflow-catalog set orders --untag draft --unset owner"""


def register(subparsers: Subparsers) -> None:
    set_ = command(
        subparsers, "set", _set, "set owner, description and tags of a dataset, column or job", epilog=_EXAMPLES
    )
    set_.add_argument("name", metavar="DATASET[#COLUMN]|JOB")
    set_.add_argument("--column", help="the column, if its name or the dataset's has a # in it")
    set_.add_argument("--owner", action="append", default=[], help="repeatable: all of them own it")
    set_.add_argument("--description")
    set_.add_argument("--tag", action="append", default=[], metavar="KEY[=VALUE]", help="repeatable")
    set_.add_argument(
        "--untag", action="append", default=[], metavar="KEY", help="off, whoever says it is on; repeatable"
    )
    set_.add_argument(
        "--unset",
        action="append",
        default=[],
        metavar="owner|description|tag:KEY",
        help="take your word back, so that what sources say counts again; repeatable",
    )
    _add_actor(set_)
    merge = command(subparsers, "merge", _merge, "say that A is B: the two datasets are one from now on")
    split = command(subparsers, "split", _split, "say that A is not B, whatever sources say")
    for parser in (merge, split):
        parser.add_argument("left", metavar="A")
        parser.add_argument("right", metavar="B")
        parser.add_argument(
            "--namespace", action="store_true", help="A and B are namespaces, such as postgres://db:5432"
        )
        _add_actor(parser)


def _add_actor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as", dest="actor", metavar="NAME", help="who says so (default: the user who runs this)")


def _set(context: Context) -> None:
    args = context.args
    with context.store() as store:
        subject = _subject(store, args.name, args.column)
        claims = _claims(subject, args)
        if not claims:
            raise ValueError("nothing to set: give --owner, --description, --tag, --untag or --unset")
        _say(context, store, claims, f"set {len(claims)} of {subject}")


def _subject(store: Store, text: str, column: str | None) -> EntityId | ColumnId:
    from airflow_provider_catalog.cli.lineage import dataset_and_column
    from airflow_provider_catalog.model.codec import entity
    from airflow_provider_catalog.model.identity import ColumnId, DatasetId
    from airflow_provider_catalog.services.identity import find_entity

    dataset, name = dataset_and_column(store, text, column)
    found = find_entity(store, dataset, ("dataset",) if name else ("dataset", "job"))
    if name:
        return ColumnId(DatasetId(found.namespace, found.name), name)
    return entity(found.kind, found.namespace, found.name)


def _claims(subject: EntityId | ColumnId, args: argparse.Namespace) -> list[Claim]:
    from airflow_provider_catalog.services import edits

    claims = [edits.owned_by(subject, args.owner)] if args.owner else []
    claims += [edits.described(subject, args.description)] if args.description is not None else []
    claims += [edits.tagged(subject, *_key_value(tag)) for tag in args.tag]
    claims += [edits.untagged(subject, key) for key in args.untag]
    for what in args.unset:
        if what not in edits.UNSETTABLE and not what.startswith("tag:"):
            raise ValueError(f"--unset {what}: only owner, description and tag:KEY can be taken back")
        claims.append(edits.unset(subject, what))
    return claims


def _key_value(tag: str) -> tuple[str, str]:
    key, _, value = tag.partition("=")
    if not key:
        raise ValueError(f"--tag {tag}: a tag is KEY or KEY=VALUE")
    return key, value


def _merge(context: Context) -> None:
    from airflow_provider_catalog.services import edits

    args = context.args
    with context.store() as store:
        if args.namespace:
            _say(context, store, edits.same_namespace(args.left, args.right), f"{args.left} is {args.right}")
        else:
            left, right = _two(store, args)
            _say(context, store, edits.merged(store, left, right), f"{left} is {right}")


def _split(context: Context) -> None:
    from airflow_provider_catalog.services import edits

    args = context.args
    with context.store() as store:
        if args.namespace:
            _say(context, store, edits.own_namespace(args.left), f"{args.left} is not {args.right}")
        else:
            left, right = _two(store, args)
            _say(context, store, edits.split(store, left, right), f"{left} is not {right}")


def _two(store: Store, args: argparse.Namespace) -> tuple[DatasetId, DatasetId]:
    from airflow_provider_catalog.services.identity import find_dataset
    from airflow_provider_catalog.services.naming import dataset_id

    left, right = (dataset_id(find_dataset(store, text)) for text in (args.left, args.right))
    if left == right:
        raise ValueError(f"both are {left}")
    return left, right


def _say(context: Context, store: Store, claims: list[Claim], done: str) -> None:
    """Through the log, like everything else; the answer comes when the catalog has it."""
    from airflow_provider_catalog.errors import LeaseLost, RejectedError
    from airflow_provider_catalog.model.codec import subject_to_json
    from airflow_provider_catalog.services.edits import edit
    from airflow_provider_catalog.worker.merge import Merger

    envelope = edit(context.args.actor or user(), claims)
    store.accept([envelope])
    try:
        Merger(store).drain()
    except LeaseLost as busy:
        context.note(f"Accepted; {busy.holder} is busy with what came before and will get to it.")
    for letter in store.dead_letters():
        if letter.id == envelope.id:
            raise RejectedError(f"this was refused: {letter.reason}")
    said = [{"subject": subject_to_json(c.subject), "aspect": c.aspect, "value": c.value} for c in claims]
    context.show({"claims": said}, lambda: done)


def user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
