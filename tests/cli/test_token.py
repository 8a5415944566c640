"""Tokens on the command line: made, listed and revoked there alone."""

from __future__ import annotations

import getpass
import json
import re
from hashlib import sha256

import pytest

from airflow_provider_catalog.errors import UnauthenticatedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.tokens import MAX_RATE, Keyring
from airflow_provider_catalog.store import open_database
from tests.cli.conftest import Run

SECRET = re.compile(r"catalog_[A-Za-z0-9_-]{43}")


def test_a_token_is_made_and_its_use_is_told(run: Run, url: str) -> None:
    done = run(
        "token", "create", "--name", "spark", "--scope", "ingest", "--scope", "read",
        "--namespace", "postgres://*", "--namespace", "s3://*", "--expires-in", "90d", "--max-rate", 7, "--max-mb", 2,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    first, _, secret, _, openlineage, curl = done.out.splitlines()
    assert SECRET.fullmatch(secret)
    assert "spark" in first
    assert "ingest, read until 20" in first
    assert openlineage == f"OPENLINEAGE_URL=http://HOST:PORT/catalog/ OPENLINEAGE_API_KEY={secret}"
    assert curl == f'curl -H "Authorization: Bearer {secret}" http://HOST:PORT/catalog/api/v1/PATH'
    store = open_database(url)
    [token] = store.tokens.list()
    keys = Keyring(store.tokens)
    caller = keys.caller(secret)
    keys.close()
    store.close()
    assert token.hash == sha256(secret.encode()).digest()
    assert (token.max_rate, token.max_bytes, token.created_by) == (7, 2 * 1024 * 1024, getpass.getuser())
    assert (caller.name, caller.namespaces) == ("token:spark", ("postgres://*", "s3://*"))
    assert caller.rights == {"ingest", "read"}


def test_a_program_gets_the_secret_as_json(run: Run) -> None:
    made = run("token", "create", "--name", "prometheus", "--scope", "metrics", "-o", "json").json
    assert SECRET.fullmatch(made.pop("secret"))
    assert (made["state"], made["scopes"], made["max_rate"], made["expires_at"]) == (
        "live",
        ["metrics"],
        MAX_RATE,
        None,
    )
    assert run("token", "list", "-o", "json").json == [made]


def test_the_help_tells_how_often_a_token_may_ask(run: Run) -> None:
    assert f"requests a second (default: {MAX_RATE})" in run("token", "create", "--help").out


def test_over_http_nobody_makes_tokens(run: Run) -> None:
    done = run("--store", "https://airflow.example.com/catalog/", "token", "create", "--name", "x", "--scope", "read")
    assert (done.code, done.out) == (1, "")
    assert "this needs the database itself" in done.err


def test_a_secret_is_never_shown_again(run: Run) -> None:
    secret = run("token", "create", "--name", "spark", "--scope", "ingest", "-o", "json").json["secret"]
    for args in (["list"], ["list", "-o", "json"], ["revoke", "spark"], ["revoke", "spark"]):
        done = run("token", *args)
        assert secret not in done.out + done.err
        assert sha256(secret.encode()).hexdigest() not in done.out


def test_the_list_tells_who_made_which_and_how_it_stands(run: Run) -> None:
    assert run("token", "list").out == "nothing\n"
    for name in ("spark", "flink"):
        assert run("token", "create", "--name", name, "--scope", "ingest", "--namespace", "s3://*").code == 0
    run("token", "revoke", "spark")
    header, first, second = run("token", "list").out.splitlines()
    assert header.split()[:5] == ["ID", "NAME", "STATE", "SCOPES", "NAMESPACES"]
    assert first.split()[1:5] == ["flink", "live", "ingest", "s3://*"]
    assert second.split()[1:5] == ["spark", "revoked", "ingest", "s3://*"]
    assert first.endswith(getpass.getuser())


@pytest.mark.parametrize("by", ["name", "id"])
def test_a_revoked_token_opens_nothing(run: Run, url: str, by: str) -> None:
    made = run("token", "create", "--name", "spark", "--scope", "store", "-o", "json").json
    done = run("token", "revoke", made[by])
    assert done.code == 0
    assert done.out == f"spark ({made['id']}) is revoked: in 5 seconds at most it opens nothing.\n"
    store = open_database(url)
    with pytest.raises(UnauthenticatedError, match="revoked"):
        Keyring(store.tokens).caller(made["secret"])
    store.close()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["create", "--name", "x", "--scope", "write"], "give one or more of ingest, metrics, read, store"),
        (["create", "--name", "x", "--scope", "store", "--namespace", "s3://*"], "leave out the namespaces"),
        (["create", "--name", "x", "--scope", "read", "--expires-in", "later"], "as 12h, 90d or 52w"),
        (["create", "--name", "", "--scope", "read"], "is no name"),
        (["create", "--name", "spark", "--scope", "read"], "there is a token 'spark' already"),
        (["revoke", "nobody"], "`airflow-catalog token list` shows"),
    ],
)
def test_what_cannot_be_done_is_explained_in_one_line(run: Run, args: list[str], said: str) -> None:
    run("token", "create", "--name", "spark", "--scope", "ingest")
    done = run("token", *args)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert said in done.err


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["create", "--scope", "read"],
        ["create", "--name", "x"],
        ["create", "--name", "x", "--scope", "read", "--max-rate", "0"],
        ["create", "--name", "x", "--scope", "read", "--max-mb", "much"],
        ["revoke"],
    ],
)
def test_a_wrong_command_line_is_exit_code_2(run: Run, args: list[str]) -> None:
    assert run("token", *args).code == 2


def test_a_run_shows_who_sent_it(run: Run, url: str) -> None:
    run_id = "00000000-0000-7000-8000-000000000001"
    event = {
        "eventTime": "2025-01-01T00:00:00Z",
        "producer": "https://example.org/spark",
        "job": {"namespace": "spark", "name": "load"},
        "run": {"runId": run_id},
        "eventType": "COMPLETE",
    }
    store = open_database(url)
    store.accept([Envelope("openlineage", json.dumps(event).encode(), sender="token:spark")])
    store.close()
    assert run("worker", "--once").code == 0
    [told] = run("show", run_id, "-o", "json").json["events"]
    assert told["details"]["sender"] == "token:spark"
