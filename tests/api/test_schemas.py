"""The OpenAPI document tells the truth: every answer is as its model says, and every field of a model is answered."""

from __future__ import annotations

import types
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import BaseModel

from airflow_provider_catalog.api.problems import Problem
from airflow_provider_catalog.api.routes import dataset, job, lineage, search
from airflow_provider_catalog.api.schemas.answer import Answer
from tests.api.asking import PREFIX, ask, problem, reader
from tests.api.questions import QUESTIONS, Question, furnish

ROUTES = {
    route.path: route
    for noun in (lineage, dataset, job, search)
    for route in noun.router.routes
    if isinstance(route, APIRoute)
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("furnished")
    url = f"sqlite:///{folder / 'catalog.db'}"
    furnish(url)
    with reader(url, folder) as client:
        yield client


def model_of(path: str) -> type[Answer]:
    route = ROUTES.get(path) or next(each for each in ROUTES.values() if each.path_regex.fullmatch(path))
    model: type[Answer] = route.responses[200]["model"]
    return model


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_an_answer_is_what_its_model_says(client: TestClient, question: Question) -> None:
    """Strictly: a number is no text. And nothing is lost or spelled differently on the way through the model."""
    response = ask(client, question.path, **question.params)
    assert response.status_code == 200, response.text
    read = model_of(question.path).model_validate_json(response.content, strict=True)
    assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == response.json()


def test_every_route_has_a_question() -> None:
    asked = {model_of(question.path) for question in QUESTIONS}
    assert {route.responses[200]["model"] for route in ROUTES.values()} <= asked
    assert {path for path in ROUTES if "{" not in path} <= {question.path for question in QUESTIONS}


def test_every_field_of_every_model_is_answered_and_said(client: TestClient) -> None:
    """A field that is always null, or never there, is a promise that nobody keeps."""
    told: defaultdict[type[BaseModel], set[str]] = defaultdict(set)
    for question in QUESTIONS:
        found = ask(client, question.path, **question.params)
        for part in parts(model_of(question.path).model_validate_json(found.content)):
            told[type(part)] |= {name for name in part.model_fields_set if getattr(part, name) not in (None, [], {})}
    models = {each for route in ROUTES.values() for each in within(route.responses[200]["model"])}
    untold = {model.__name__: model.model_fields.keys() - told[model] for model in models}
    assert [f"{name}.{each}" for name, missing in untold.items() for each in sorted(missing)] == []


def parts(value: Any) -> Iterator[BaseModel]:
    """A model and all that are in it."""
    if isinstance(value, BaseModel):
        yield value
        value = dict(value)
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from parts(each)


def within(annotation: Any) -> Iterator[type[Answer]]:
    """The models that a type speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, Answer):
        yield annotation
        for field in annotation.model_fields.values():
            yield from within(field.annotation)
    elif get_origin(annotation) in {list, dict, tuple, Union, types.UnionType}:
        for each in get_args(annotation):
            yield from within(each)


@pytest.mark.parametrize(
    ("path", "status", "params"),
    [
        ("/lineage", 404, {"dataset": "nothing"}),
        ("/lineage", 404, {"dataset": "re"}),
        ("/lineage", 422, {}),
        ("/nothing", 404, {}),
    ],
    ids=str,
)
def test_a_problem_is_what_its_model_says(client: TestClient, path: str, status: int, params: dict[str, Any]) -> None:
    found = problem(client, path, status, **params)
    assert Problem.model_validate(found, strict=True).model_dump(exclude_none=True) == found


@pytest.mark.parametrize("path", sorted(ROUTES))
def test_every_parameter_has_bounds_and_a_meaning(client: TestClient, path: str) -> None:
    app: Any = client.app
    operation = app.openapi()["paths"][f"{PREFIX}{ROUTES[path].path_format}"]["get"]
    assert operation["description"]
    for parameter in operation["parameters"]:
        assert parameter["description"], parameter["name"]
        assert bounded(parameter["schema"]), parameter["name"]


def bounded(schema: dict[str, Any]) -> bool:
    if "anyOf" in schema:
        return all(bounded(each) for each in schema["anyOf"])
    limits = {
        "string": {"maxLength", "enum", "pattern"},
        "integer": {"maximum"},
        "number": {"maximum"},
        "array": {"maxItems"},
    }
    kind = schema["type"]
    return kind in {"boolean", "null"} or (
        not limits[kind].isdisjoint(schema) and bounded(schema.get("items", NOTHING))
    )


NOTHING = {"type": "null"}
