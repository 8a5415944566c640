"""The same sequence of calls to our server and to moto's, where moto is right: ours is not merely our opinion.

Each file of `agreed/` is a sequence of operations with their requests. Whatever moto answers ours answers, too: the
same refusals, members, lists and values. Ours may say more. Times, names made by the server and versions are compared
by their types only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.glue.orders import plain
from tests.glue.server import GlueServer

SEQUENCES = sorted((Path(__file__).parent / "agreed").glob("*.json"))
MADE_BY_THE_SERVER = {
    "CatalogId",
    "CreatedBy",
    "CreateTime",
    "CreatedTime",
    "CreationTime",
    "ErrorMessage",
    "SchemaVersionId",
    "UpdatedTime",
    "UpdateTime",
    "VersionId",
}


def answered(client: Any, operation: str, request: dict[str, Any]) -> Any:
    try:
        return plain(getattr(client, xform_name(operation))(**request))
    except ClientError as error:
        return error.response["Error"]["Code"]


def lacking(ours: Any, theirs: Any, path: str) -> list[str]:
    """Where ours does not say what theirs does."""
    if path.rpartition(".")[2] in MADE_BY_THE_SERVER:
        return [] if type(ours) is type(theirs) else [f"{path}: {ours!r} is not of the type of {theirs!r}"]
    if isinstance(theirs, dict) and isinstance(ours, dict):
        found = [lacking(ours.get(name), value, f"{path}.{name}") for name, value in theirs.items()]
    elif isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        found = [lacking(*pair, path) for pair in zip(ours, theirs, strict=True)]
    else:
        found = [[]] if ours == theirs else [[f"{path}: ours {ours!r}, theirs {theirs!r}"]]
    return [each for some in found for each in some]


@pytest.fixture
def glue_of_motos_account() -> Iterator[Any]:
    with GlueServer(account="123456789012") as server:
        yield server.client()
    assert not server.failures


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda path: path.stem)
def test_ours_answers_what_moto_answers(glue_of_motos_account: Any, moto: Any, sequence: Path) -> None:
    for number, (operation, request) in enumerate(json.loads(sequence.read_text())):
        ours, theirs = (answered(client, operation, request) for client in (glue_of_motos_account, moto))
        assert not lacking(ours, theirs, f"{number} {operation}")
