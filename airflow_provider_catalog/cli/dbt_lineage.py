"""`dbt lineage`: what a model is made of and what is made of it, as the catalog knows it, or as its manifest says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.dbt_artifacts import MANIFEST, manifest
from airflow_provider_catalog.cli.lineage import add_direct, show
from airflow_provider_catalog.cli.options import Subparsers, command, natural, positive

if TYPE_CHECKING:
    from airflow_provider_catalog.services.dbt_manifest import Manifest
    from airflow_provider_catalog.services.lineage import LineageAnswer
    from airflow_provider_catalog.store.protocol import Entity, Store

_EXAMPLES = """examples:
  airflow-catalog dbt lineage orders
  airflow-catalog dbt lineage shop.orders.amount --upstream
  airflow-catalog dbt lineage orders --target target --output mermaid"""

_WAYS = {
    "upstream": "of a column: its values and what has a say in it alone, never what decides which rows there are",
    "downstream": "of a column: also models of which it decides the rows, shown as (which rows), unless --direct",
    "both": "the default",
}


def register(verbs: Subparsers) -> None:
    parser = command(
        verbs,
        "lineage",
        _lineage,
        "show what a model or column is made of and what is made of it",
        formats=("tree", "json", "yaml", "mermaid", "table"),
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "model", metavar="MODEL[.COLUMN]", help="a name, package.model, a unique_id, an exposure or a relation"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--target", metavar="DIR", help="by the manifest in this folder alone, without the catalog")
    source.add_argument("--manifest", metavar="FILE", help="by this manifest alone, without the catalog")
    ways = parser.add_mutually_exclusive_group()
    for way, told in _WAYS.items():
        ways.add_argument(f"--{way}", dest="direction", action="store_const", const=way, default="both", help=told)
    parser.add_argument("--depth", type=positive, default=3, help="hops in each direction (default: 3)")
    parser.add_argument("--limit", type=positive, default=1000, help="datasets, the nearest (default: 1000)")
    parser.add_argument("--children", type=natural, default=10, help="of one dataset in a tree; 0: all (default: 10)")
    add_direct(parser)


def _lineage(context: Context) -> None:
    args = context.args
    stated = args.target or args.manifest
    show(_told(manifest(stated), context) if stated else _known(context), context)


def _told(said: Manifest, context: Context) -> LineageAnswer:
    """By the manifest."""
    from airflow_provider_catalog.services.dbt_lineage import lacks_sql, lineage
    from airflow_provider_catalog.services.dbt_names import find

    args = context.args
    asked = find(said, args.model)
    without, models = said.uncompiled
    if asked.column and args.direction != "downstream" and lacks_sql(said.nodes[asked.unique_id]):
        name = said.short_name(asked.unique_id)
        context.note(f"{name} has no compiled SQL here: what its columns are made of nobody can tell. `dbt compile`")
    if asked.column and without:
        context.note(
            f"{without} of {models} models have no compiled SQL, so their columns are not followed: `dbt compile`"
        )
    return lineage(
        said, asked, direction=args.direction, depth=args.depth, limit=args.limit, influences=not args.direct
    )


def _known(context: Context) -> LineageAnswer:
    """By the catalog, unless it does not know the model and the project at hand does."""
    from airflow_provider_catalog.errors import AccessError, NotFoundError, StoreError

    path = Path("target") / MANIFEST
    nearby = manifest(path) if path.is_file() else None
    try:
        return _in_store(nearby, context)
    except (NotFoundError, StoreError, AccessError) as error:
        if nearby is None:
            raise
        answer = _told(nearby, context)
        why = (
            "does not know it"
            if isinstance(error, NotFoundError)
            else f"did not answer, {' '.join(str(error).split())}"
        )
        context.note(f"By {path} alone: the catalog {why}")
        return answer


def _in_store(nearby: Manifest | None, context: Context) -> LineageAnswer:
    from airflow_provider_catalog.errors import NotFoundError
    from airflow_provider_catalog.services.dbt_lineage import instead
    from airflow_provider_catalog.services.dbt_search import dataset_and_column
    from airflow_provider_catalog.services.naming import dataset_id

    args = context.args
    with context.store() as store:
        dataset, column = dataset_and_column(store, args.model, nearby)
        near = instead(store, dataset, column) if column else None
        like = f"there is {', '.join(near)}" if near else ""
        try:
            answer = _walked(store, dataset, column, context)
        except NotFoundError:
            if not like:
                raise
            raise NotFoundError("column", f"{dataset_id(dataset)}#{column}", like) from None
    if near is not None and not (answer.upstream or answer.downstream):
        context.note(f"{dataset.name} has no column {column}, though somebody told of one{like and f'; {like}'}")
    return answer


def _walked(store: Store, dataset: Entity, column: str, context: Context) -> LineageAnswer:
    from airflow_provider_catalog.services.lineage import Filters, walk
    from airflow_provider_catalog.services.naming import dataset_id

    args = context.args
    return walk(
        store,
        dataset_id(dataset),
        direction=args.direction,
        depth=args.depth,
        limit=args.limit,
        level="column" if column else "table",
        column=column,
        explain=2 * args.limit,
        filters=Filters(influences=not args.direct),
    )
