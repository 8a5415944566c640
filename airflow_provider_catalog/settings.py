"""The `[catalog]` options. The only place where they are read, and it does without Airflow.

An option comes from the environment (`AIRFLOW__CATALOG__STORE_URL`), else from the `[catalog]` section of airflow.cfg,
else from what a command prints (`AIRFLOW__CATALOG__STORE_URL_CMD`, or `store_url_cmd` in airflow.cfg), else it has its
default.
docs/configuration.md says what each one does.
"""

from __future__ import annotations

import configparser
import json
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from airflow_provider_catalog.errors import ConfigError

SECTION = "catalog"
_COMMAND_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """Every option that there is. What the store URL may hold is secret, so it is never shown."""

    store_url: str = field(default="sqlite:///{AIRFLOW_HOME}/catalog.db", repr=False)
    max_event_mb: int = 16
    log_retention_days: int = 30
    edge_patience: int = 3
    namespace_aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def max_event_bytes(self) -> int:
        return self.max_event_mb * 1024 * 1024


def settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this environment. Not remembered: whoever asks often keeps the answer."""
    env = os.environ if environ is None else environ
    home = airflow_home(env)
    section = _section(Path(env.get("AIRFLOW_CONFIG") or home / "airflow.cfg"))
    chosen: dict[str, Any] = {}
    for option in fields(Settings):
        text = _text(option.name, env, section)
        if text is not None:
            chosen[option.name] = _PARSERS[option.name](option.name, text.strip())
    url = chosen.get("store_url", Settings.__dataclass_fields__["store_url"].default)
    return Settings(**{**chosen, "store_url": url.replace("{AIRFLOW_HOME}", str(home))})


def airflow_home(environ: Mapping[str, str]) -> Path:
    """Where Airflow lives, by Airflow's own rule."""
    return Path(environ.get("AIRFLOW_HOME") or Path(environ.get("HOME") or "~") / "airflow").expanduser()


def _section(path: Path) -> Mapping[str, str]:
    """What airflow.cfg says about us; nothing when there is no file, which is fine."""
    parser = configparser.ConfigParser(strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError("airflow.cfg", f"{path} cannot be read: {reason}") from None
    return parser[SECTION] if parser.has_section(SECTION) else {}


def _text(option: str, env: Mapping[str, str], section: Mapping[str, str]) -> str | None:
    variable = f"AIRFLOW__{SECTION.upper()}__{option.upper()}"
    stated = env.get(variable)
    if stated is None:
        stated = _from_file(section, option)
    if stated is not None:
        return os.path.expandvars(stated)
    command = env.get(f"{variable}_CMD") or _from_file(section, f"{option}_cmd")
    return _output(option, command) if command else None


def _from_file(section: Mapping[str, str], option: str) -> str | None:
    try:
        return section.get(option)
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


def _count(option: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ConfigError(option, f"{text!r} is not a whole number of at least 1")
    return int(text)


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


_PARSERS: Mapping[str, Callable[[str, str], Any]] = {
    "store_url": _string,
    "max_event_mb": _count,
    "log_retention_days": _count,
    "edge_patience": _count,
    "namespace_aliases": _mapping,
}
