"""A server of S3: moto's, over HTTP, with a bucket that is called `lake`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer

from airflow_provider_catalog.targets.files import s3


class Bucket:
    """`calls`: what was asked by the client since something was put here."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.client.create_bucket(Bucket="lake")
        self.calls: Counter[str] = Counter()
        self._handlers: list[tuple[str, Callable[..., Any]]] = []
        self.on("before-call.s3", self._called)

    def on(self, event: str, handler: Callable[..., Any]) -> None:
        """One of botocore's events."""
        self.client.meta.events.register(event, handler)
        self._handlers.append((event, handler))

    def close(self) -> None:
        for event, handler in self._handlers:
            self.client.meta.events.unregister(event, handler)

    def _called(self, model: Any, **_: Any) -> None:
        self.calls[model.name] += 1

    def put(self, key: str, content: bytes = b"") -> None:
        self.client.put_object(Bucket="lake", Key=key, Body=content)
        self.calls.clear()


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def moto_client(moto_url: str) -> Any:
    """As the worker makes it: it takes as long as many tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", moto_url)
        _nobody(patch)
        return s3.client()


def _nobody(patch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "nobody", "SECRET_ACCESS_KEY": "none", "DEFAULT_REGION": "us-east-1"}.items():
        patch.setenv(f"AWS_{name}", value)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nobody's credentials."""
    _nobody(monkeypatch)
    return monkeypatch


@pytest.fixture
def bucket(moto_url: str, moto_client: Any) -> Iterator[Bucket]:
    """Moto keeps all that it knows once for the whole process, and forgets it here."""
    httpx.post(f"{moto_url}/moto-api/reset").raise_for_status()
    made = Bucket(moto_client)
    yield made
    made.close()
