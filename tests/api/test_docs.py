"""What docs/api.md says of the routes is so: each is told of, and its examples are answered."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient

from airflow_provider_catalog.api.schemas.schema import ChangeType
from airflow_provider_catalog.services.schema_change import CHANGE_TYPES
from tests.api.asking import PREFIX, reader
from tests.api.questions import RUN, furnish

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
TEXT = PAGE.read_text(encoding="utf-8")
_EXAMPLE = re.compile(r"^ask \$API(\S+)(.*)$", re.MULTILINE)
_TOLD = re.compile(r"`(GET|POST|PUT|DELETE) (/[^`]*)`")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("documented")
    url = f"sqlite:///{folder / 'catalog.db'}"
    furnish(url)
    with reader(url, folder) as client:
        yield client


def test_every_route_is_told_of(client: TestClient) -> None:
    app: Any = client.app
    there = {
        (method.upper(), path.removeprefix(PREFIX))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    assert there - set(_TOLD.findall(TEXT)) == set()


@pytest.mark.parametrize("example", _EXAMPLE.findall(TEXT), ids=lambda example: example[0].strip("/"))
def test_every_example_is_answered(client: TestClient, example: tuple[str, str]) -> None:
    """But for what is called otherwise in the store of the test."""
    path, options = example
    words = shlex.split(options)
    params = dict(word.split("=", 1) for flag, word in zip(words[::2], words[1::2], strict=True) if "=" in word)
    response = client.get(PREFIX + re.sub(r"^/run/.*", f"/run/{RUN}", path), params=params)
    assert response.status_code == 200, response.text


def test_every_kind_of_change_is_told_of() -> None:
    assert set(CHANGE_TYPES) == set(get_args(ChangeType)) == set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
