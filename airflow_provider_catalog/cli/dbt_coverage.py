"""`dbt coverage`: what of a project nobody described, tested or owns. It needs no store."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.dbt_artifacts import HELP, manifest
from airflow_provider_catalog.cli.options import Subparsers, command
from airflow_provider_catalog.cli.output import clean, table

if TYPE_CHECKING:
    from airflow_provider_catalog.services.dbt_coverage import Covered, DbtCoverage

_KINDS = ("docs", "tests", "unit-tests", "owners")
_NAMED = 4
_EXAMPLES = """examples:
  airflow-catalog dbt coverage target
  airflow-catalog dbt coverage target --of docs --of owners --fail-under 80"""


def register(verbs: Subparsers) -> None:
    parser = command(
        verbs, "coverage", _coverage, "show what of a project nobody described, tested or owns", epilog=_EXAMPLES
    )
    parser.add_argument("target", metavar="TARGET|MANIFEST", help=HELP)
    parser.add_argument("--packages", action="store_true", help="with the nodes of the packages that it uses")
    parser.add_argument(
        "--of", action="append", choices=_KINDS, metavar="|".join(_KINDS), help="count this only; repeatable"
    )
    parser.add_argument(
        "--fail-under", type=_percent, metavar="N", help="exit code 1 if less than N percent of all that is counted"
    )


def _percent(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1
    if not 0 <= found <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage from 0 to 100")
    return found


def _coverage(context: Context) -> int:
    from airflow_provider_catalog.services.dbt_coverage import coverage

    args = context.args
    kinds = args.of or _KINDS
    found = coverage(manifest(args.target), packages=args.packages, kinds=kinds)
    context.show(found.to_json(), lambda: _text(found, kinds, context))
    _note(found, kinds, context)
    return 1 if args.fail_under is not None and found.below(args.fail_under) else 0


def _note(found: DbtCoverage, kinds: Sequence[str], context: Context) -> None:
    if found.partly_known and {"docs", "tests"} & {*kinds}:
        context.note(
            f"Of {len(found.partly_known)} nodes only such columns are known as are written down: "
            "`dbt docs generate` tells all of them."
        )
    under = context.args.fail_under
    if under is not None and found.below(under):
        context.note(f"airflow-catalog: {found.total.percent} % is less than {under:g} %")


def _text(found: DbtCoverage, kinds: Sequence[str], context: Context) -> str:
    style, total = context.style, found.total
    counts = [(each.what, each.done, each.total, each.percent) for each in found.measures]
    parts = [table(("WHAT", "DONE", "OF", "PERCENT"), counts, style)]
    if found.lacking:
        rows = [(each.name, each.kind, each.lacks(kinds), *_lacks(each, kinds)) for each in found.lacking]
        headers = {"docs": "NOT DESCRIBED", "tests": "NOT TESTED", "unit-tests": "UNIT TESTS", "owners": "OWNER"}
        shown = [headers[kind] for kind in _KINDS if kind in kinds]
        parts.append(table(("NODE", "KIND", "LACKS", *shown), rows, style))
    verdict = f"{total.done} of {total.total} ({total.percent} %)"
    parts.append((style.good if total.done == total.total else style.bold)(verdict))
    return "\n\n".join(parts)


def _lacks(node: Covered, kinds: Sequence[str]) -> list[str]:
    told = {
        "docs": _named(node.described, node.undescribed),
        "tests": _named(node.tested, node.untested),
        "unit-tests": "none" if node.unit_tested is False else "",
        "owners": "" if node.owners else "none",
    }
    return [told[kind] for kind in _KINDS if kind in kinds]


def _named(itself: bool, columns: Sequence[str]) -> str:  # noqa: FBT001  whether it has it
    """The node and the first of its columns."""
    shown = ", ".join([*([] if itself else ["itself"]), *map(clean, columns[:_NAMED])])
    return f"{shown} and {len(columns) - _NAMED} more" if len(columns) > _NAMED else shown
