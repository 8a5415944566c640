"""`dbt diff`: what a change of a project breaks, in dbt and beyond, for people, programs and pull requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.dbt_artifacts import HELP, manifest
from airflow_provider_catalog.cli.options import FORMATS, Subparsers, command

if TYPE_CHECKING:
    from airflow_provider_catalog.services.dbt_diff import Change
    from airflow_provider_catalog.services.dbt_impact import DbtImpact
    from airflow_provider_catalog.services.dbt_manifest import Manifest
    from airflow_provider_catalog.services.dbt_outside import Outside

_EXAMPLES = """examples:
  airflow-catalog dbt diff main/target target
  airflow-catalog dbt diff main/manifest.json target/manifest.json --no-store --output markdown

Exit codes: 0 nothing breaks, 1 something does (or it did not work, stderr says why), 2 the command line is wrong."""


def register(verbs: Subparsers) -> None:
    parser = command(
        verbs,
        "diff",
        _diff,
        "show what changed between two manifests, and what that breaks",
        formats=(*FORMATS, "markdown"),
        epilog=_EXAMPLES,
    )
    parser.add_argument("old", metavar="OLD_MANIFEST", help=HELP)
    parser.add_argument("new", metavar="NEW_MANIFEST", help="the same, of the project as it is to be")
    parser.add_argument(
        "--fail-on",
        choices=("removed", "changed", "never"),
        default="changed",
        help="exit code 1 if a node or column is removed, or also if it has another type or name (default: changed)",
    )
    parser.add_argument("--no-store", action="store_true", help="do not ask the catalog what depends on it elsewhere")
    parser.add_argument("--namespace", default="", metavar="NS", help="of the project's relations in the catalog")


def _diff(context: Context) -> int:
    from airflow_provider_catalog.cli.dbt_diff_text import markdown, text
    from airflow_provider_catalog.services.dbt_diff import FAIL_ON, alike, changes
    from airflow_provider_catalog.services.dbt_findings import Findings
    from airflow_provider_catalog.services.dbt_impact import impact

    args = context.args
    old, new = alike(*(manifest(name, sql_first=True) for name in (args.old, args.new)))
    changed = changes(old, new)
    inside = impact(old, new, changed)
    outside, why_not = (None, "") if args.no_store else _outside(context, old, changed, inside)
    notes = tuple(each for each in (*_notes(old, new), why_not) if each)
    found = Findings(changed, inside, outside, notes, FAIL_ON[args.fail_on])
    if args.output == "markdown":
        context.write(markdown(found))
    else:
        context.show(found.to_json(), lambda: text(found, context.style))
    return 1 if found.failed else 0


def _outside(
    context: Context, old: Manifest, changed: tuple[Change, ...], inside: DbtImpact
) -> tuple[Outside | None, str]:
    """A pull request is not to fail because the catalog is away."""
    from airflow_provider_catalog.errors import AccessError, StoreError
    from airflow_provider_catalog.services.dbt_outside import outside

    if not any(change.breaking for change in changed):
        return None, ""
    try:
        with context.store() as store:
            return outside(store, old, changed, inside, context.args.namespace), ""
    except (StoreError, AccessError) as error:
        return None, f"The catalog was not asked what depends on it elsewhere: {' '.join(str(error).split())}"


def _notes(old: Manifest, new: Manifest) -> Iterator[str]:
    for said, which in ((old, "old"), (new, "new")):
        without, models = said.uncompiled
        if without:
            yield (
                f"{without} of {models} models of the {which} manifest have no compiled SQL: of those only columns are "
                "compared that are written down, and what is affected is told by model. `dbt compile` makes it."
            )
    if old.name != new.name:
        yield f"The manifests are of two projects, {old.name or 'unnamed'} and {new.name or 'unnamed'}."
