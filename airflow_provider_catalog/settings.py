"""The `[catalog]` options. The only place where they are read, and it does without Airflow.

As in Airflow, an option comes from the environment (`AIRFLOW__CATALOG__STORE_URL`), else from what a command prints
that is named there (`AIRFLOW__CATALOG__STORE_URL_CMD`), else from the `[catalog]` section of airflow.cfg or a command
named there (`store_url_cmd`), else it has its default.
docs/configuration.md says what each one does.
"""

from __future__ import annotations

import configparser
import json
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeAlias

from airflow_provider_catalog.errors import ConfigError

SECTION = "catalog"
_HOME = "{AIRFLOW_HOME}"
_COMMAND_SECONDS = 30
_NAMESPACE = "default"
_STORE = f"sqlite:///{_HOME}/catalog.db"
_Sections: TypeAlias = Mapping[str, Mapping[str, str]]
_MAY_BE_EMPTY = {"namespace", "disabled_for_operators", "ingest_url", "ingest_token", "publish", "glue_mapping"}
"""Left empty they have their default, as in Airflow's own configuration."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every option that there is. What URLs and tokens may hold is secret, so they are never shown."""

    enabled: bool = True
    store_url: str = field(default=_STORE, repr=False)
    ingest_url: str = field(default="", repr=False)
    ingest_token: str = field(default="", repr=False)
    namespace: str = _NAMESPACE
    namespace_aliases: Mapping[str, str] = field(default_factory=dict)
    disabled_for_operators: frozenset[str] = frozenset()
    selective_enable: bool = False
    spool_dir: str = f"{_HOME}/catalog-spool"
    spool_max_mb: int = 1024
    deliver_timeout: float = 2.0
    embedded_worker: bool = True
    max_event_mb: int = 16
    log_retention_days: int = 30
    edge_patience: int = 3
    publish: tuple[str, ...] = ()
    glue_mapping: tuple[Any, ...] = ()
    glue_calls_per_second: int = 50

    @property
    def max_event_bytes(self) -> int:
        return self.max_event_mb * 1024 * 1024

    @property
    def only_http(self) -> bool:
        """Whether this host was told where to hand over, and neither was told of a store nor has the default one: that
        is on another host.
        """
        default = _STORE.replace(_HOME, str(airflow_home(os.environ)))
        return bool(self.ingest_url) and self.store_url == default and not Path(default.partition("///")[2]).exists()

    @property
    def nearest_url(self) -> str:
        """Where tasks ask the catalog."""
        return self.ingest_url if self.only_http else self.store_url


def settings(environ: Mapping[str, str] | None = None, *, commands: bool = True) -> Settings:
    """The settings of this environment. Not remembered: whoever asks often keeps the answer.

    Without `commands` none is run: what only a command tells has its default then.
    """
    env = os.environ if environ is None else environ
    home = airflow_home(env)
    sections = _sections(_config_file(env))
    chosen: dict[str, Any] = {"namespace": _openlineage_namespace(env, sections)}
    for option in fields(Settings):
        text = _text(SECTION, option.name, env, sections, commands=commands)
        if text is not None and (text.strip() or option.name not in _MAY_BE_EMPTY):
            chosen[option.name] = _PARSERS[option.name](option.name, text.strip())
    found = Settings(**chosen)
    places = {name: getattr(found, name).replace(_HOME, str(home)) for name in ("store_url", "spool_dir")}
    return replace(found, **places)


def openlineage_namespace() -> str:
    """What the OpenLineage provider calls the namespace of this Airflow's jobs."""
    return _openlineage_namespace(os.environ, _sections(_config_file(os.environ)))


def _config_file(env: Mapping[str, str]) -> Path:
    return Path(env.get("AIRFLOW_CONFIG") or airflow_home(env) / "airflow.cfg")


def _openlineage_namespace(env: Mapping[str, str], sections: _Sections) -> str:
    """Jobs are called as the OpenLineage provider calls them, so that both speak of the same ones."""
    stated = _text("openlineage", "namespace", env, sections, commands=False)
    return (stated or "").strip() or env.get("OPENLINEAGE_NAMESPACE") or _NAMESPACE


def airflow_home(environ: Mapping[str, str]) -> Path:
    """Where Airflow lives, by Airflow's own rule."""
    return Path(environ.get("AIRFLOW_HOME") or Path(environ.get("HOME") or "~") / "airflow").expanduser()


def _sections(path: Path) -> _Sections:
    """What airflow.cfg says; nothing when there is no file, which is fine."""
    parser = configparser.ConfigParser(strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError("airflow.cfg", f"{path} cannot be read: {reason}") from None
    return parser


def _text(section: str, option: str, env: Mapping[str, str], sections: _Sections, *, commands: bool) -> str | None:
    variable = f"AIRFLOW__{section.upper()}__{option.upper()}"
    for found, command in (
        (env.get(variable), env.get(f"{variable}_CMD")),
        (_from_file(sections, section, option), _from_file(sections, section, f"{option}_cmd")),
    ):
        if found is not None:
            return os.path.expandvars(found)
        if command and commands:
            return _output(option, command)
    return None


def _from_file(sections: _Sections, section: str, option: str) -> str | None:
    try:
        return sections[section].get(option) if section in sections else None
    except configparser.InterpolationError:
        raise ConfigError(option, "airflow.cfg reads % as a reference; write it as %%") from None


def _output(option: str, command: str) -> str:
    """What the command prints. What it prints to stderr is not shown: it may hold a secret."""
    try:
        done = subprocess.run(  # noqa: S603  whoever may set an option may run programs as this user anyway
            shlex.split(command), capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        raise ConfigError(option, f"its command ended with exit code {error.returncode}") from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise ConfigError(option, f"its command does not run: {type(error).__name__}") from None
    return done.stdout


def _string(option: str, text: str) -> str:
    if not text:
        raise ConfigError(option, "it is empty")
    return text


def _web(option: str, text: str) -> str:
    if not text.lower().startswith(("http://", "https://")):
        raise ConfigError(option, "it must be the URL of a catalog's server, such as https://HOST/catalog/")
    return text


def _count(option: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ConfigError(option, f"{text!r} is not a whole number of at least 1")
    return int(text)


def _number(option: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 < found < float("inf"):
        raise ConfigError(option, f"{text!r} is not a number of seconds above 0")
    return found


def _flag(option: str, text: str) -> bool:
    """The spellings that Airflow takes."""
    lowered = text.lower()
    if lowered not in _FLAGS:
        raise ConfigError(option, f"{text!r} is neither true nor false")
    return _FLAGS[lowered]


def _names(option: str, text: str) -> frozenset[str]:  # noqa: ARG001  every parser is asked in the same way
    return frozenset(name.strip() for name in text.split(";") if name.strip())


def _list(option: str, text: str) -> tuple[str, ...]:  # noqa: ARG001  as above
    """In their order, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _mapping(option: str, text: str) -> Mapping[str, str]:
    """A JSON object of strings, as Airflow writes mappings."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) and value for value in found.values()):
        raise ConfigError(
            option, 'it must be a JSON object of strings, such as {"postgres://localhost:5432": "postgres://db:5432"}'
        )
    return found


def _rules(option: str, text: str) -> tuple[Any, ...]:
    """A JSON list; what its items have to be is known to whom they are for."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise ConfigError(option, 'it must be a JSON list, such as [{"match": "s3://lake/{database}/{table}"}]')
    return tuple(found)


_FLAGS = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}
_PARSERS: Mapping[str, Callable[[str, str], Any]] = {
    "enabled": _flag,
    "store_url": _string,
    "ingest_url": _web,
    "ingest_token": _string,
    "namespace": _string,
    "namespace_aliases": _mapping,
    "disabled_for_operators": _names,
    "selective_enable": _flag,
    "spool_dir": _string,
    "spool_max_mb": _count,
    "deliver_timeout": _number,
    "embedded_worker": _flag,
    "max_event_mb": _count,
    "log_retention_days": _count,
    "edge_patience": _count,
    "publish": _list,
    "glue_mapping": _rules,
    "glue_calls_per_second": _count,
}
