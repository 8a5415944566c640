"""From what `[catalog] publish` says to targets. Whatever is wrong with one is wrong with the setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pkgutil import resolve_name

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.targets import Target

KNOWN: Mapping[str, str] = {
    "files": "airflow_provider_catalog.targets.files.target:Files",
    "glue": "airflow_provider_catalog.targets.glue.target:Glue",
}
"""Those of ours: name -> class."""
_OPTION = "publish"


def load(stated: Iterable[str]) -> list[Target]:
    """A target for each name, in their order."""
    found: dict[str, Target] = {}
    for each in stated:
        target = _target(each)
        if target.name in found:
            raise ConfigError(_OPTION, f"two targets are called {target.name!r}")
        found[target.name] = target
    return list(found.values())


def _target(stated: str) -> Target:
    try:
        target = resolve_name(_path(stated))()
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(_OPTION, f"{stated} cannot be made: {type(error).__name__}: {error}") from error
    if not isinstance(getattr(target, "name", None), str) or not target.name.isprintable() or not target.name:
        raise ConfigError(_OPTION, f"{stated} has no `name` that can be shown")
    if not callable(getattr(target, "publish", None)):
        raise ConfigError(_OPTION, f"{stated} has no method `publish`")
    return target  # type: ignore[no-any-return]  # as far as one can look


def _path(stated: str) -> str:
    if "." not in stated and stated not in KNOWN:
        ours = ", ".join(sorted(KNOWN)) or "none of that kind yet"
        raise ConfigError(
            _OPTION, f"there is no target {stated!r}; there are: {ours}; or name a class, as package.module.Class"
        )
    return KNOWN.get(stated, stated)
