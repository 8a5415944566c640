"""`token`: lets machines in. Made, listed and revoked here alone, by whoever has the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.edit import user
from airflow_provider_catalog.cli.options import Subparsers, command, group, positive
from airflow_provider_catalog.cli.output import when

if TYPE_CHECKING:
    from airflow_provider_catalog.store.protocol import Token

_MB = 1024 * 1024
_EXAMPLES = """examples:
  airflow-catalog token create --name spark --scope ingest --namespace 'postgres://*' --expires-in 90d
  airflow-catalog token create --name prometheus --scope metrics"""
_HEADER = ("ID", "NAME", "STATE", "SCOPES", "NAMESPACES", "EXPIRES", "LAST USED", "CREATED", "BY")


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "token", "tokens by which machines may use the API: create, list, revoke them")
    create = command(verbs, "create", _create, "create a token; its secret is shown once", epilog=_EXAMPLES)
    create.add_argument("--name", required=True, help="whose token it is; what it sends is marked with it")
    create.add_argument(
        "--scope",
        action="append",
        required=True,
        metavar="ingest|metrics|read|store",
        help="what it may do; store is all of it and every call of the store; repeatable",
    )
    create.add_argument(
        "--namespace",
        action="append",
        default=[],
        metavar="PATTERN",
        help="what it sends may speak of these namespaces only, as postgres://*; repeatable",
    )
    create.add_argument("--expires-in", metavar="SPAN", help="as 12h or 90d (default: never)")
    create.add_argument("--max-rate", type=positive, metavar="N", help="requests a second (default: 1000)")
    create.add_argument("--max-mb", type=positive, metavar="N", help="of one request (default: [catalog] max_event_mb)")
    command(verbs, "list", _list, "list the tokens there are and were")
    revoke = command(verbs, "revoke", _revoke, "revoke a token: it opens nothing any more")
    revoke.add_argument("token", metavar="NAME_OR_ID")


def _create(context: Context) -> None:
    from airflow_provider_catalog.services.tokens import MAX_RATE, create, token_to_json

    args = context.args
    with context.database() as store:
        token, secret = create(
            store.tokens,
            args.name,
            args.scope,
            created_by=user(),
            namespaces=args.namespace,
            expires_in=args.expires_in,
            max_rate=args.max_rate or MAX_RATE,
            max_bytes=args.max_mb and args.max_mb * _MB,
        )
    context.show({**token_to_json(token), "secret": secret}, lambda: _told(token, secret))


def _told(token: Token, secret: str) -> str:
    until = "for ever" if token.expires_at is None else f"until {when(token.expires_at)} UTC"
    return "\n".join(
        (
            f"{token.name} ({token.id}) may {', '.join(token.scopes)} {until}. The secret is shown this once:",
            "",
            secret,
            "",
            f"OPENLINEAGE_URL=http://HOST:PORT/catalog/ OPENLINEAGE_API_KEY={secret}",
            f'curl -H "Authorization: Bearer {secret}" http://HOST:PORT/catalog/api/v1/PATH',
        )
    )


def _list(context: Context) -> None:
    from airflow_provider_catalog.services.tokens import listed, state, token_to_json

    with context.database() as store:
        found = listed(store.tokens)
    rows = [
        (
            token.id,
            token.name,
            state(token),
            " ".join(token.scopes),
            " ".join(token.namespaces),
            when(token.expires_at),
            when(token.last_used_at),
            when(token.created_at),
            token.created_by,
        )
        for token in found
    ]
    context.show_rows([token_to_json(token) for token in found], _HEADER, rows)


def _revoke(context: Context) -> None:
    from airflow_provider_catalog.services.tokens import revoke, token_to_json

    with context.database() as store:
        token = revoke(store.tokens, context.args.token)
    context.show(
        token_to_json(token), lambda: f"{token.name} ({token.id}) is revoked: in 5 seconds at most it opens nothing."
    )
