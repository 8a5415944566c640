"""From a setting to targets, or to what is wrong with the setting."""

from __future__ import annotations

import re

import pytest

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.targets import loading
from tests.worker.targets import Library, Shelf


class Nameless:
    def publish(self, store: object, datasets: object) -> None: ...


class Unshown(Nameless):
    name = "a\nb"


class Mute:
    name = "mute"


class Namesake(Nameless):
    name = "library"


class Stubborn:
    def __init__(self) -> None:
        raise ZeroDivisionError("oops")


class Unset:
    def __init__(self) -> None:
        raise ConfigError("atlas_url", "it is empty")


def here(kind: type) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def test_classes_are_made_in_their_order() -> None:
    found = loading.load([here(Namesake), "tests.worker.targets.Ruin"])
    assert [target.name for target in found] == ["library", "ruin"]
    assert loading.load([]) == []


def test_one_of_ours_goes_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "KNOWN", {"books": here(Library)})
    [target] = loading.load(["books"])
    assert isinstance(target, Library)
    with pytest.raises(ConfigError, match="no target 'atlsa'; there are: books; or name a class"):
        loading.load(["atlsa"])


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ("nowhere", "there is no target 'nowhere'"),
        ("no.such.Target", "no.such.Target cannot be made: ModuleNotFoundError"),
        ("tests.worker.targets.Nobody", "cannot be made: AttributeError"),
        ("tests..x", "cannot be made: ValueError"),
        (here(Stubborn), "cannot be made: ZeroDivisionError: oops"),
        (here(Nameless), "has no `name`"),
        (here(Unshown), "has no `name` that can be shown"),
        (here(Mute), "has no method `publish`"),
        (here(Unset), "[catalog] atlas_url: it is empty"),
    ],
)
def test_what_is_no_target_is_a_mistake_of_the_setting(stated: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(problem)):
        loading.load([stated])


def test_two_of_one_name_would_be_told_as_one() -> None:
    with pytest.raises(ConfigError, match="two targets are called 'library'"):
        loading.load([here(Library), here(Namesake)])


def test_a_name_must_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "KNOWN", {"shelf": here(Shelf)})
    assert loading.load(["shelf"])[0].name == "shelf"
