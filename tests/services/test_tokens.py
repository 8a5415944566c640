"""Machine tokens: what may be made, who is let in, for how long and how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from airflow_provider_catalog.errors import (
    CatalogError,
    NotFoundError,
    StoreUnavailable,
    TooManyRequestsError,
    UnauthenticatedError,
)
from airflow_provider_catalog.services import keyring
from airflow_provider_catalog.services.keyring import Keyring
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.services.tokens import PREFIX, SCOPES, create, listed, revoke, state, token_to_json
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.protocol import Token, Tokens
from airflow_provider_catalog.store.sql.store import SqlStore

Make: TypeAlias = Callable[..., tuple[Token, str]]
WRONG = PREFIX + "x" * 43
SECOND, MINUTE = 1_000_000, 60_000_000


class Watched:
    """The tokens of a store, which tells how often it was asked, and may fail or take long."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.asked = 0
        self.written: list[dict[str, int]] = []
        self.writers: set[str] = set()
        self.trouble: Exception | None = None
        self.open = threading.Event()
        self.open.set()

    def keep(self, token: Token) -> bool:
        return self._tokens.keep(token)

    def list(self) -> Sequence[Token]:
        return self._tokens.list()

    def find(self, hash_: bytes) -> Token | None:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        return self._tokens.find(hash_)

    def revoke(self, id_: str, at: int) -> None:
        self._tokens.revoke(id_, at)

    def used(self, times: Mapping[str, int]) -> None:
        self.writers.add(threading.current_thread().name)
        self.written.append(dict(times))
        self.open.wait(30)
        if self.trouble:
            raise self.trouble
        self._tokens.used(times)


class Clock:
    """Time as a test lets it pass."""

    def __init__(self) -> None:
        self.seconds, self.moment = 1_000.0, now()

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.moment += int(seconds * SECOND)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    yield opened
    opened.close()


@pytest.fixture
def tokens(store: SqlStore) -> Watched:
    return Watched(store.tokens)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tokens: Watched, clock: Clock) -> Iterator[Keyring]:
    made = ring(tokens, clock)
    yield made
    tokens.open.set()
    made.close()


@pytest.fixture
def make(tokens: Watched) -> Make:
    def made(name: str = "spark", *scopes: str, **more: Any) -> tuple[Token, str]:
        return create(tokens, name, scopes or ("ingest",), created_by="ann", **more)

    return made


def ring(tokens: Tokens, clock: Clock) -> Keyring:
    return Keyring(tokens, clock=lambda: clock.seconds, today=lambda: clock.moment)


def let_in(keys: Keyring, secret: str) -> bool:
    """As the API asks; False: too often."""
    try:
        return (keys.remembered(secret) or keys.caller(secret)).name == "token:spark"
    except TooManyRequestsError:
        return False


# -- making


def test_of_a_secret_only_the_hash_is_kept(make: Make, store: SqlStore, tmp_path: Path) -> None:
    token, secret = make()
    assert secret.startswith(PREFIX)
    assert token.hash == sha256(secret.encode()).digest()
    assert list(store.tokens.list()) == [token]
    store.close()
    assert not [path for path in tmp_path.iterdir() if secret[len(PREFIX) :].encode() in path.read_bytes()]
    assert secret not in repr(token)


def test_no_two_tokens_are_alike(make: Make) -> None:
    made = [make(f"t{number}") for number in range(20)]
    assert len({secret for _, secret in made}) == len({token.id for token, _ in made}) == 20


def test_a_token_is_what_was_asked_for(make: Make) -> None:
    token, _ = make("mail", "read", "ingest", "read", namespaces=["s3://*", "s3://*"], max_rate=7, max_bytes=9)
    assert (token.name, token.scopes, token.namespaces) == ("mail", ("ingest", "read"), ("s3://*",))
    assert (token.max_rate, token.max_bytes, token.created_by, token.expires_at) == (7, 9, "ann", None)
    assert abs(now() - token.created_at) < MINUTE


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [("1s", 1), ("5m", 300), ("12h", 43_200), ("90d", 7_776_000), ("2w", 1_209_600), (" 1d ", 86_400)],
)
def test_a_token_lives_as_long_as_it_is_told(make: Make, stated: str, seconds: int) -> None:
    token, _ = make(expires_in=stated)
    assert token.expires_at == token.created_at + seconds * SECOND


@pytest.mark.parametrize(
    ("scopes", "more", "said"),
    [
        (["write"], {}, "'write': give one or more of ingest, metrics, read, store"),
        (["read", "Read"], {}, "no scope is named 'Read'"),
        ([], {}, "needs a scope: give"),
        (["store"], {"namespaces": ["s3://*"]}, "leave out the namespaces, or store"),
        (["store", "ingest"], {"namespaces": ["s3://*"]}, "leave out the namespaces, or store"),
        (["read"], {"namespaces": ["s3://*"]}, "not what it reads: leave them out, or add ingest"),
        (["ingest"], {"namespaces": [""]}, "is no namespace"),
        (["ingest"], {"namespaces": ["s3://\0"]}, "is no namespace"),
        (["read"], {"expires_in": "soon"}, "'soon' is no duration: write how long from now, as 12h"),
        (["read"], {"expires_in": "2027-01-01"}, "no duration"),
        (["read"], {"expires_in": "-1d"}, "no duration"),
        (["read"], {"expires_in": "\u0663d"}, "no duration"),
        (["read"], {"expires_in": ""}, "no duration"),
        (["read"], {"expires_in": "0d"}, "expires at once"),
        (["read"], {"expires_in": "999999999w"}, "more than a century: leave it out"),
        (["read"], {"max_rate": 0}, "a rate of 0 lets nothing in: give at least 1"),
        (["read"], {"max_rate": -5}, "at least 1"),
        (["read"], {"max_bytes": 0}, "a size of 0"),
        (["read"], {"name": ""}, "is no name"),
        (["read"], {"name": " mail"}, "is no name"),
        (["read"], {"name": "ma\nil"}, "is no name"),
        (["read"], {"name": "ma\x1b[1mil"}, "is no name"),
        (["read"], {"name": "\ud800"}, "is no name"),
        (["read"], {"name": "x" * 201}, "write 1 to 200 characters"),
    ],
)
def test_what_makes_no_token_is_explained(tokens: Watched, scopes: list[str], more: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogError, match=re.escape(said)):
        create(tokens, **{"name": "mail", "scopes": scopes, "created_by": "ann", **more})
    assert list(tokens.list()) == []


def test_a_name_is_free_again_when_its_token_opens_nothing_any_more(make: Make, tokens: Watched) -> None:
    token, _ = make("mail")
    with pytest.raises(CatalogError, match="there is a token 'mail' already: choose another name, or revoke"):
        make("mail")
    revoke(tokens, "mail")
    other, _ = make("mail")
    assert [each.id for each in tokens.list()] == [token.id, other.id]


# -- revoking, listing


def test_a_token_is_revoked_by_its_name_or_its_id(make: Make, tokens: Watched) -> None:
    make("a")
    other, _ = make("b")
    assert state(revoke(tokens, "a")) == state(revoke(tokens, other.id)) == "revoked"
    assert {state(token) for token in tokens.list()} == {"revoked"}


def test_of_those_that_have_had_a_name_the_live_one_is_revoked(make: Make, tokens: Watched) -> None:
    expired = Token("old", "mail", b"old", ("read",), (), 1, None, 1, "ann", expires_at=2)
    tokens.keep(expired)
    live, _ = make("mail")
    assert revoke(tokens, "mail").id == live.id
    assert revoke(tokens, "mail").id == "old"
    with pytest.raises(NotFoundError, match="token list"):
        revoke(tokens, "mail")


def test_to_revoke_twice_changes_nothing(make: Make, tokens: Watched) -> None:
    token, _ = make()
    first = revoke(tokens, token.id)
    assert revoke(tokens, token.id) == first
    assert list(tokens.list()) == [first]


def test_what_is_live_is_listed_first(make: Make, tokens: Watched) -> None:
    for name in "abc":
        make(name)
    revoke(tokens, "a")
    assert [(token.name, state(token)) for token in listed(tokens)] == [("b", "live"), ("c", "live"), ("a", "revoked")]


def test_nothing_that_is_shown_lets_anybody_in(make: Make) -> None:
    token, secret = make(expires_in="1d")
    shown = token_to_json(token)
    assert shown["state"] == "live"
    assert shown["expires_at"].endswith("Z")
    assert "hash" not in shown
    assert secret not in str(shown)


# -- letting in


def test_the_store_is_asked_once_and_then_no_more(make: Make, tokens: Watched, keys: Keyring) -> None:
    _, secret = make("mail", "ingest", namespaces=["s3://*"], max_bytes=9)
    assert keys.remembered(secret) is None
    found = keys.caller(secret)
    assert (found.name, found.dags, found.namespaces, found.max_bytes) == ("token:mail", None, ("s3://*",), 9)
    assert [keys.remembered(secret) for _ in range(5)] == [found] * 5
    assert tokens.asked == 1


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_gives_its_rights_and_none_lets_one_write(make: Make, keys: Keyring, scope: str) -> None:
    rights = keys.caller(make("mail", scope)[1]).rights
    assert rights == ({"store", "read", "ingest", "metrics"} if scope == "store" else {scope})
    assert "write" not in rights


def test_scopes_add_up_and_those_nobody_knows_give_nothing(tokens: Watched, keys: Keyring) -> None:
    secret = PREFIX + "a" * 43
    scopes = ("metrics", "write", "read", "everything")
    tokens.keep(Token("id", "mail", sha256(secret.encode()).digest(), scopes, (), 5, None, 1, "ann"))
    assert keys.caller(secret).rights == {"metrics", "read"}


def test_a_token_that_was_revoked_opens_nothing_in_any_process(make: Make, tokens: Watched, clock: Clock) -> None:
    _, secret = make()
    servers = [ring(tokens, clock) for _ in range(3)]
    for server in servers:
        server.caller(secret)
    revoke(tokens, "spark")
    clock.pass_(5)
    for server in servers:
        assert server.remembered(secret) is None
        with pytest.raises(UnauthenticatedError, match=r"the token spark was revoked at .*token create"):
            server.caller(secret)
        with pytest.raises(UnauthenticatedError, match="was revoked"):
            server.remembered(secret)
        server.close()


def test_a_token_in_use_is_asked_for_every_few_seconds(
    make: Make, tokens: Watched, keys: Keyring, clock: Clock
) -> None:
    _, secret = make()
    for _ in range(100):
        assert let_in(keys, secret)
        clock.pass_(0.3)
    assert 6 <= tokens.asked <= 12


def test_an_expired_token_opens_nothing_from_that_moment(
    make: Make, tokens: Watched, keys: Keyring, clock: Clock
) -> None:
    _, secret = make(expires_in="10s")
    clock.pass_(8)
    keys.caller(secret)
    clock.pass_(1.9)
    assert keys.remembered(secret) is not None
    clock.pass_(0.2)
    with pytest.raises(UnauthenticatedError, match=r"the token spark expired at .*token create"):
        keys.remembered(secret)
    assert tokens.asked == 1
    clock.pass_(60)
    with pytest.raises(UnauthenticatedError, match="expired"):
        keys.caller(secret)


@pytest.mark.parametrize(
    "secret",
    [
        PREFIX,
        PREFIX + "x" * 42,
        PREFIX + "x" * 44,
        WRONG + "\n",
        PREFIX + "é" * 43,
        "x" * 51,
        "",
        PREFIX + "x" * 100_000,
    ],
)
def test_what_has_not_the_form_of_a_token_does_not_reach_the_store(tokens: Watched, keys: Keyring, secret: str) -> None:
    for ask in (keys.remembered, keys.caller):
        with pytest.raises(UnauthenticatedError, match="not copied as a whole"):
            ask(secret)
    assert tokens.asked == 0


def test_a_flood_of_one_wrong_token_is_no_flood_of_questions(tokens: Watched, keys: Keyring, clock: Clock) -> None:
    with pytest.raises(UnauthenticatedError, match="no such token"):
        keys.caller(WRONG)
    for _ in range(1_000):
        with pytest.raises(UnauthenticatedError, match="no such token"):
            keys.remembered(WRONG)
        with pytest.raises(UnauthenticatedError, match="no such token"):
            keys.caller(WRONG)
    assert tokens.asked == 1
    clock.pass_(5)
    assert keys.remembered(WRONG) is None


def test_a_wrong_token_tells_nothing_of_the_right_ones(make: Make, keys: Keyring) -> None:
    make("payroll")
    with pytest.raises(UnauthenticatedError) as refused:
        keys.caller(WRONG)
    assert "payroll" not in str(refused.value)


def test_what_is_remembered_is_bounded(
    make: Make, tokens: Watched, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "_MOST", 4)
    secrets = [make(f"t{number}")[1] for number in range(10)]
    for number, secret in enumerate(secrets):
        keys.caller(secret)
        with pytest.raises(UnauthenticatedError):
            keys.caller(PREFIX + f"{number:043d}")
    assert (len(keys._held), len(keys._refused)) == (4, 4)
    assert keys.remembered(secrets[0]) is None
    assert keys.remembered(secrets[-1]) is not None


def test_a_store_that_is_away_is_told_of_and_not_held_against_the_token(
    make: Make, tokens: Watched, keys: Keyring
) -> None:
    _, secret = make()
    tokens.trouble = StoreUnavailable("away")
    with pytest.raises(StoreUnavailable):
        keys.caller(secret)
    tokens.trouble = None
    assert keys.caller(secret).name == "token:spark"


# -- how often


def test_a_second_may_be_used_up_at_once_and_then_it_is_one_after_the_other(
    make: Make, keys: Keyring, clock: Clock
) -> None:
    _, secret = make(max_rate=5)
    keys.caller(secret)
    for _ in range(4):
        keys.remembered(secret)
    for ask in (keys.remembered, keys.caller):
        with pytest.raises(TooManyRequestsError, match="the token spark may ask 5 times a second") as refused:
            ask(secret)
        assert refused.value.seconds == pytest.approx(0.2)
    clock.pass_(0.21)
    assert keys.remembered(secret) is not None
    with pytest.raises(TooManyRequestsError):
        keys.remembered(secret)
    clock.pass_(2.5)
    assert [keys.remembered(secret) is not None for _ in range(5)] == [True] * 5


def test_to_be_asked_for_again_is_no_new_second(make: Make, keys: Keyring, clock: Clock) -> None:
    _, secret = make(max_rate=1)
    allowed = 0
    for _ in range(1_000):
        allowed += let_in(keys, secret)
        clock.pass_(0.01)
    assert allowed in {10, 11}


def test_each_token_has_a_rate_of_its_own(make: Make, keys: Keyring) -> None:
    _, quiet = make("quiet", max_rate=1)
    _, busy = make("busy", max_rate=1)
    keys.caller(busy)
    with pytest.raises(TooManyRequestsError):
        keys.caller(busy)
    assert keys.caller(quiet).name == "token:quiet"


def test_of_many_threads_no_more_are_let_in_than_the_rate_allows(make: Make, keys: Keyring) -> None:
    _, secret = make(max_rate=50)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda _: let_in(keys, secret), range(400))).count(True) == 50


# -- when it was last used


def test_the_last_use_is_written_once_a_minute(make: Make, tokens: Watched, keys: Keyring, clock: Clock) -> None:
    token, secret = make()
    for _ in range(100):
        assert let_in(keys, secret)
        keys.close()
        clock.pass_(1.5)
    times = [written[token.id] for written in tokens.written]
    assert len(times) == 3
    assert times[1] - times[0] >= MINUTE
    assert tokens.writers == {"catalog-token-uses"}
    [found] = tokens.list()
    assert found.last_used_at == times[-1]


def test_what_another_process_wrote_is_not_written_again(make: Make, tokens: Watched, clock: Clock) -> None:
    _, secret = make()
    servers = [ring(tokens, clock) for _ in range(4)]
    for _ in range(20):
        for server in servers:
            server.caller(secret)
            server.close()
        clock.pass_(2)
    assert len(tokens.written) == 1


def test_a_store_that_cannot_be_written_lets_the_token_in(
    make: Make, tokens: Watched, keys: Keyring, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    token, secret = make()
    tokens.open.clear()
    assert keys.caller(secret).name == "token:spark"
    tokens.trouble = StoreUnavailable("disk full")
    tokens.open.set()
    keys.close()
    assert "could not be written down" in caplog.text
    tokens.trouble = None
    clock.pass_(61)
    assert keys.caller(secret).name == "token:spark"
    keys.close()
    assert [list(written) for written in tokens.written] == [[token.id]] * 2
    assert tokens.list()[0].last_used_at == clock.moment


def test_a_store_that_is_slow_to_write_holds_up_nobody(make: Make, tokens: Watched, keys: Keyring) -> None:
    """One thread waits for it, however many tokens are used meanwhile; they are written together afterwards."""
    made = [make(f"t{number}") for number in range(5)]
    tokens.open.clear()
    for _, secret in made:
        assert keys.remembered(secret) is None
        assert keys.caller(secret) == keys.remembered(secret)
    waiting = [thread for thread in threading.enumerate() if thread.name == "catalog-token-uses"]
    assert len(waiting) == 1
    tokens.open.set()
    keys.close()
    assert len(tokens.written) <= 3
    assert all(token.last_used_at for token in tokens.list())
    assert not waiting[0].is_alive()


def test_where_no_thread_can_be_had_the_token_still_lets_in(
    make: Make, tokens: Watched, keys: Keyring, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = make()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", _no_more_threads)
        assert keys.caller(secret).name == "token:spark"
    keys.close()
    assert tokens.written == []
    clock.pass_(61)
    keys.caller(secret)
    keys.close()
    assert len(tokens.written) == 1


def _no_more_threads(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")
