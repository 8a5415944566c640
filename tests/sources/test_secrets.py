"""Secrets where producers leave them: none is in any statement. A new place is a line in tests/golden/secrets."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.masking import LIMIT, MASK, mask_prose, mask_sql, mask_text
from airflow_provider_catalog.sources import read

GOLDEN = Path(__file__).parents[1] / "golden" / "secrets"
SECRETS = ["hunter2", "Tr0ub4dor-3", "correct-horse_battery", "s3cr!t$%^", "9876543210", "Zm9vOmJhcg=="]
MASKS = {"sql": mask_sql, "text": mask_text, "prose": mask_prose}


def golden(name: str) -> list[Any]:
    cases: list[Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return cases


def seeded(name: str) -> list[tuple[str, str]]:
    return [(place.format(secret), secret) for place, secret in product(golden(name), SECRETS)]


def kept(**places: Any) -> str:
    """The statement of an event that has these facets, as text."""
    event = {
        "eventTime": "2024-05-01T00:00:00Z",
        "producer": "test",
        "run": {"runId": "r", "facets": places.get("run", {})},
        "job": {"namespace": "prod", "name": "j", "facets": places.get("job", {})},
        "inputs": [{"namespace": "s3://b", "name": "k", "facets": places.get("dataset", {})}],
        "outputs": [{"namespace": "s3://b", "name": "l", "inputFacets": places.get("measured", {})}],
    }
    statement = read(Envelope("openlineage", json.dumps(event).encode())).statements[0]
    return json.dumps(codec.statement_to_json(statement), ensure_ascii=False)


@pytest.mark.parametrize(("text", "secret"), seeded("sql"))
def test_no_secret_of_a_query_is_kept(text: str, secret: str) -> None:
    assert secret not in kept(job={"sql": {"query": text}})


@pytest.mark.parametrize(("text", "secret"), seeded("text"))
def test_no_secret_of_an_error_of_code_or_of_a_property_is_kept(text: str, secret: str) -> None:
    assert secret not in kept(run={"errorMessage": {"message": "failed", "stackTrace": text}})
    assert secret not in kept(run={"acme": {"deep": [{"said": text}]}})
    assert secret not in kept(job={"sourceCode": {"sourceCode": text}})
    assert secret not in kept(dataset={"acme": {"said": text}})
    assert secret not in kept(measured={"acme": {"said": text}})


@pytest.mark.parametrize("secret", [*golden("shapes"), *SECRETS])
def test_no_secret_is_kept_under_a_name_that_tells_it(secret: str) -> None:
    assert secret not in kept(run={"acme": {"api_key": secret, "nested": {"clientSecret": [secret]}}})
    assert secret not in kept(run={"acme": {"settings": [{"name": "DB_PASSWORD", "value": secret}]}})
    assert secret not in kept(dataset={"catalog": {"name": "c", "catalogProperties": {"token": secret}}})
    environment = [{"name": "HARMLESS", "value": secret}]
    assert secret not in kept(run={"environmentVariables": {"environmentVariables": environment}})


@pytest.mark.parametrize("secret", golden("shapes"))
@pytest.mark.parametrize("mask", MASKS.values())
def test_what_looks_like_a_secret_is_one_wherever_it_stands(secret: str, mask: Any) -> None:
    masked = mask(f"see {secret} there")
    assert MASK in masked
    assert secret[8:] not in masked


@pytest.mark.parametrize("text", golden("text"))
def test_no_uri_keeps_its_secrets(text: str) -> None:
    uri = text.format("hunter2")
    assert "hunter2" not in kept(dataset={"dataSource": {"name": "d", "uri": uri}})
    assert "hunter2" not in kept(job={"sourceCodeLocation": {"type": "git", "url": uri}})


@pytest.mark.parametrize("text", golden("text"))
def test_no_reason_of_a_rejection_quotes_a_secret(text: str) -> None:
    payload = json.dumps(
        {"time": text.format("hunter2"), "dataset_id": "s3://b/k", "eventTime": text.format("hunter2")}
    ).encode()
    for kind in ("openlineage", "register"):
        with pytest.raises(RejectedError) as rejected:
            read(Envelope(kind, payload))
        assert "hunter2" not in rejected.value.reason


@pytest.mark.parametrize("case", golden("kept"))
def test_what_is_no_secret_stays(case: dict[str, str]) -> None:
    for kind, text in case.items():
        assert MASKS[kind](text) == text


def test_a_long_text_is_masked_before_it_is_cut() -> None:
    for start in range(LIMIT - 40, LIMIT + 5):
        masked = mask_text("x " * (start // 2) + "AKIAIOSFODNN7EXAMPLE password='hunter2'")
        assert "AKIA" not in masked
        assert "hunt" not in masked
        assert len(masked) < LIMIT + 20


@pytest.mark.parametrize("piece", golden("adversarial"))
@pytest.mark.parametrize("mask", MASKS.values())
def test_no_text_takes_long(piece: str, mask: Any) -> None:
    started = process_time()
    mask(piece * (LIMIT // len(piece)))
    assert process_time() - started < 50
