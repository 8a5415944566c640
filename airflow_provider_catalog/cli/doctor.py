"""`doctor`: what keeps the catalog from knowing what happens, each with what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command
from airflow_provider_catalog.errors import CatalogError

if TYPE_CHECKING:
    from airflow_provider_catalog.store.protocol import Store

_OLD_SECONDS = 300
_SERVER_SECONDS = 10.0


class Finding(NamedTuple):
    """`level`: ok, warn or fail. `advice`: what to do."""

    level: str
    what: str
    advice: str = ""


def register(subparsers: Subparsers) -> None:
    doctor = command(
        subparsers,
        "doctor",
        _doctor,
        "check that what happens in Airflow arrives in the catalog",
        epilog="Exit code 1 if anything fails.",
    )
    doctor.add_argument("--no-airflow", action="store_true", help="leave out what needs Airflow to be imported")


def _doctor(context: Context) -> int:
    checks: list[Callable[[Context], Iterator[Finding]]] = [_settings, _store, _server, _spool, _targets]
    checks += [] if context.args.no_airflow else [_airflow]
    found = [finding for check in checks for finding in _run(check, context)]
    context.show([each._asdict() for each in found], lambda: _text(found, context))
    return int(any(each.level == "fail" for each in found))


def _run(check: Callable[[Context], Iterator[Finding]], context: Context) -> Iterator[Finding]:
    """A check that stumbles is a finding, too."""
    try:
        yield from check(context)
    except CatalogError as error:
        yield Finding("fail", str(error))
    except Exception as error:  # noqa: BLE001  whatever it is, the other checks are still wanted
        yield Finding("fail", f"{type(error).__name__}: {error}")


def _text(found: list[Finding], context: Context) -> str:
    style = context.style
    marks = {"ok": style.good("ok  "), "warn": style.warn("warn"), "fail": style.bad("fail")}
    lines = [f"{marks[level]}  {what}" + (f"\n      {advice}" if advice else "") for level, what, advice in found]
    return "\n".join(lines)


def _settings(context: Context) -> Iterator[Finding]:
    if context.settings.enabled:
        yield Finding("ok", "the catalog is enabled")
    else:
        yield Finding("fail", "the catalog is switched off", "set [catalog] enabled = True")


def _store(context: Context) -> Iterator[Finding]:
    from airflow_provider_catalog.store.remote import Remote, is_remote

    if context.settings.only_http and not context.args.store:
        return  # it is another host's
    if is_remote(context.store_url):
        yield from _answering(context, Remote.of(context.store_url).url)
    else:
        yield from _database(context)


def _database(context: Context) -> Iterator[Finding]:
    from airflow_provider_catalog.store.sql.engine import normalise
    from airflow_provider_catalog.store.sql.schema import check

    shown = normalise(context.store_url).render_as_string(hide_password=True)
    try:
        check(context.store_url)
    except CatalogError as error:
        yield Finding("fail", f"the store {shown}: {error}", "`airflow-catalog db upgrade` makes its tables")
    else:
        yield from _answering(context, shown)


def _answering(context: Context, shown: str) -> Iterator[Finding]:
    with context.store() as store:
        found = [*_contents(store)]
    yield Finding("ok", f"the store answers: {shown}")
    yield from found


def _server(context: Context) -> Iterator[Finding]:
    """Asked as tasks do: that it answers, and that it takes what comes with the token."""
    from airflow_provider_catalog.capture.destination import HttpLog

    url = context.settings.ingest_url
    if not url:
        return
    log = HttpLog(url, context.settings.ingest_token)
    try:
        version = log.health(_SERVER_SECONDS)
        log.hand_over([], _SERVER_SECONDS)
    except CatalogError as error:
        yield Finding("fail", f"tasks cannot hand over to {log}: {error}", "see [catalog] ingest_url and ingest_token")
    else:
        yield Finding("ok", f"tasks hand over to {log} (version {version})")


def _contents(store: Store) -> Iterator[Finding]:
    status, leases = store.status(), store.leases()
    if "merge" in leases:
        yield Finding("ok", f"a worker merges: {leases['merge']}")
    else:
        yield Finding(
            "fail" if status.pending else "warn",
            f"no worker is alive, {status.pending} envelopes wait to be merged",
            "start the api-server ([catalog] embedded_worker), or `airflow-catalog worker --follow`, or unpause the DAG"
            " catalog_maintain",
        )
    if status.dead_letters:
        yield Finding(
            "warn", f"{status.dead_letters} envelopes could not be read", "`airflow-catalog dead-letters list` says why"
        )


def _spool(context: Context) -> Iterator[Finding]:
    from airflow_provider_catalog.capture.handover import Breaker
    from airflow_provider_catalog.capture.spool import Spool

    spool = Spool.of(context.settings)
    spool.check()
    waiting = spool.waiting()
    age = time.time() - waiting.oldest if waiting.oldest else 0.0
    late = age > _OLD_SECONDS
    drained = " and a worker drains it" if spool.is_drained() else ""
    yield Finding(
        "warn" if late else "ok",
        f"the spool {spool.path} can be written{drained}, {waiting.records} records wait there"
        + (f", the oldest for {age:.0f} s" if waiting.records else ""),
        "`airflow-catalog drain` hands them over" if late else "",
    )
    if problem := Breaker(spool).problem():
        yield Finding("fail", f"tasks could not hand over: {problem}", "they try again within a minute")
    if waiting.packed:
        yield Finding("warn", f"{waiting.packed} thousand records have waited so long that they were packed")
    if waiting.dropped:
        advice = "raise [catalog] spool_max_mb, and see why the store was away for so long"
        yield Finding("fail", f"{waiting.dropped} records are lost: the spool was full", advice)
    if waiting.unreadable:
        yield Finding("fail", f"{waiting.unreadable} packs cannot be read", f"see {spool.path / 'unreadable'}")


def _targets(context: Context) -> Iterator[Finding]:
    """Each that is published to can be made, and takes what it is told."""
    from airflow_provider_catalog.store.remote import is_remote
    from airflow_provider_catalog.store.sql.schema import check
    from airflow_provider_catalog.targets.loading import load

    wanted = {target.name for target in load(context.settings.publish)}
    if not wanted or is_remote(context.store_url):
        return
    yield Finding("ok", f"what changes is published to {', '.join(sorted(wanted))}")
    try:
        check(context.store_url)
    except CatalogError:
        return  # told of already
    with context.database() as store:
        standing = [each for each in store.outbox.standing() if each.target in wanted]
    for each in standing:
        if each.down_since is not None:
            what = f"the target {each.target} takes nothing, {each.waiting} datasets wait: {each.reason}"
            yield Finding("fail", what, "it is told of them when it is back")
        if each.refused:
            advice = "`airflow-catalog outbox list` says why, `airflow-catalog outbox retry` tries again"
            yield Finding("warn", f"the target {each.target} refused {each.refused} datasets", advice)


def _airflow(context: Context) -> Iterator[Finding]:
    from airflow_provider_catalog.cli.deployment import findings

    for level, what, advice in findings(context.settings, context.store_url):
        yield Finding(level, what, advice)
