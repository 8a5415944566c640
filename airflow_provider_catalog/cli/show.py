"""`show`, `search` and `resolve`: what is known of one thing, what there is, and why it is one thing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, moment, positive
from airflow_provider_catalog.cli.output import Style, clean, pairs, table, when

if TYPE_CHECKING:
    from airflow_provider_catalog.services.columns import ColumnInfo
    from airflow_provider_catalog.services.dataset import Description
    from airflow_provider_catalog.services.facts import Tag
    from airflow_provider_catalog.services.job import JobDescription, RunDescription
    from airflow_provider_catalog.store.protocol import RunRow


def register(subparsers: Subparsers) -> None:
    show = command(subparsers, "show", _show, "show all that is known of a dataset, a job or a run")
    show.add_argument("name", metavar="DATASET|JOB|RUN")
    show.add_argument("--as-of", type=moment, metavar="TIME", help="a dataset as it was then")
    search = command(subparsers, "search", _search, "list datasets and jobs whose name begins so")
    search.add_argument("prefix", metavar="PREFIX", nargs="?", default="")
    search.add_argument("--kind", action="append", default=[], help="dataset, job …; repeatable")
    search.add_argument("--limit", type=positive, default=50)
    resolve = command(subparsers, "resolve", _resolve, "explain which dataset a text means, and why")
    resolve.add_argument("text", metavar="TEXT")


def _show(context: Context) -> None:
    from airflow_provider_catalog.errors import NotFoundError
    from airflow_provider_catalog.services.dataset import describe
    from airflow_provider_catalog.services.identity import AmbiguousError, find_entity
    from airflow_provider_catalog.services.job import describe_job, describe_run

    name = context.args.name
    with context.store() as store:
        if store.run(name):
            run = describe_run(store, name)
            context.show(run.to_json(), lambda: _run_text(run, context))
            return
        try:
            found = find_entity(store, name)
        except AmbiguousError:
            raise
        except NotFoundError:
            raise NotFoundError("dataset, job or run", name, "`airflow-catalog search` lists what is there") from None
        if found.kind == "dataset":
            dataset = describe(store, found, as_of=context.args.as_of)
            context.show(dataset.to_json(), lambda: _dataset_text(dataset, context))
        else:
            job = describe_job(store, found)
            context.show(job.to_json(), lambda: _job_text(job, context))


def _dataset_text(found: Description, context: Context) -> str:
    style = context.style
    counts = f"{found.upstream.count} up, {found.downstream.count} down" if found.upstream and found.downstream else ""
    head = [
        ("platform", found.dataset.platform),
        ("owner", ", ".join(found.owners)),
        ("description", found.description),
        ("tags", _tags(found.tags)),
        ("location", found.location),
        ("lineage", counts),
        ("state", "" if found.exists else "gone"),
        *((f"in {link.name}", link.url) for link in found.links),
        ("also known as", ", ".join(one.id for one in found.members if one != found.dataset)),
    ]
    parts = [style.bold(clean(found.dataset.id)), pairs(head, style)]
    if found.columns:
        parts.append(_columns_text(found.columns, style))
    if found.uses:
        uses = [("reads" if use.reads else "writes", use.job.id, when(use.last_seen)) for use in found.uses]
        parts.append(table(("HOW", "JOB", "LAST SEEN"), uses, style))
    if len(found.versions) > 1:
        versions = [
            (
                v.version,
                when(v.since),
                ", ".join([*(f"+{c}" for c in v.added), *(f"-{c}" for c in v.removed), *(c[0] for c in v.changed)]),
            )
            for v in found.versions
        ]
        parts.append(table(("SCHEMA", "SINCE", "CHANGED"), versions, style))
    said = [(aspect, word.said.producer, when(word.said.valid_from)) for aspect, word in found.aspects.items()]
    if said:
        parts.append(table(("ASPECT", "SAID BY", "SINCE"), said, style))
    if found.edits:
        edits = [(when(edit.time), edit.details.get("actor")) for edit in found.edits]
        parts.append(table(("EDITED", "BY"), edits, style))
    return "\n\n".join(part for part in parts if part)


def _columns_text(columns: Collection[ColumnInfo], style: Style) -> str:
    """What was counted of their values only where somebody has counted."""
    counted = any(column.statistics for column in columns)
    head = ("COLUMN", "TYPE", *(["VALUES"] if counted else []), "TAGS", "DESCRIPTION")
    rows = [(c.name, c.type, *([c.statistics] if counted else []), _tags(c.tags), c.description) for c in columns]
    return table(head, rows, style)


def _tags(tags: Iterable[Tag]) -> str:
    """Those of dbt have themselves for a value."""
    return ", ".join(tag.key if tag.value in {"", "true", tag.key} else f"{tag.key}={tag.value}" for tag in tags)


def _job_text(found: JobDescription, context: Context) -> str:
    style = context.style
    head = [
        ("type", found.type),
        ("owner", ", ".join(found.owners)),
        ("description", found.description),
        ("tags", _tags(found.tags)),
        ("reads", ", ".join(dataset.id for dataset in found.reads)),
        ("writes", ", ".join(dataset.id for dataset in found.writes)),
        ("sql", found.sql),
    ]
    runs = [_run_row(run) for run in found.runs]
    shown = table(("RUN", "STATE", "STARTED", "ENDED"), runs, style) if runs else ""
    return "\n\n".join(part for part in (style.bold(clean(found.job.id)), pairs(head, style), shown) if part)


def _run_row(run: RunRow) -> tuple[str, str, str, str]:
    return run.run_id, run.state.name, when(run.started_at), when(run.ended_at)


def _run_text(found: RunDescription, context: Context) -> str:
    style = context.style
    _, state, started, ended = _run_row(found.run)
    head = [
        ("job", found.job.id),
        ("state", state),
        ("started", started),
        ("ended", ended),
        ("parent", found.run.parent_run_id),
        ("error", found.error),
        ("sql", found.sql),
    ]
    events = [(when(s.time), s.event.name, s.producer) for s in found.statements]
    return "\n\n".join(
        (style.bold(clean(found.run.run_id)), pairs(head, style), table(("TIME", "EVENT", "SAID BY"), events, style))
    )


def _search(context: Context) -> None:
    from airflow_provider_catalog.services.naming import label
    from airflow_provider_catalog.services.search import search

    args = context.args
    with context.store() as store:
        found = search(store, args.prefix, kinds=args.kind or ("dataset", "job"), limit=args.limit)
    rows = [(label(entity).id, entity.kind, label(entity).platform) for entity in found.entities]
    context.show_rows(found.to_json(), ("NAME", "KIND", "PLATFORM"), rows)
    if found.truncated:
        context.note(f"There are more than {args.limit}: --limit shows more.")


def _resolve(context: Context) -> None:
    from airflow_provider_catalog.services.identity import resolve

    with context.store() as store:
        found = resolve(store, context.args.text)
    steps = [(step.rule, step.sentence) for step in found.steps]
    context.show(
        found.to_json(),
        lambda: f"{context.style.bold(clean(found.canonical.id))}\n\n{table(('RULE', 'WHY'), steps, context.style)}",
    )
