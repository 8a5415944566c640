"""Secrets in URIs and connection strings: what must never reach an id, a log or the store.

Written for text nobody can parse as well: where a URI is broken, losing a part of it is better than keeping a password.
Two cases read as something else and stay: `name:123/rest@host`, where 123 may begin a password but reads as a port, and
`name:pass@word/rest@host`, where `word` reads as the host.
"""

from __future__ import annotations

import re

from airflow_provider_catalog.model.platforms import by_scheme

_REVEALING = (
    r"[\w.%-]*(?:pass(?:word|wd|phrase|code)|pwd|secret|token|credential|signature|authorization"
    r"|(?:api|access|account|private|shared|encryption|sas)[-_.]?key|x-(?:amz|goog)-)[\w.%-]*"
    r"|sig|sas|pass|key|auth|code|jwt|user|username|user[-_]?id|uid|login|sharedaccess\w+"
)
_VALUE = r"\s*=\s*(?:\{[^}]*\}|'[^']*'|\"[^\"]*\"|[^&;#\s]*)"
_PARAMETER = re.compile(rf"(?i)(?P<mark>[?&;#,\s])(?=[\w.%-]++\s*=)(?:{_REVEALING}){_VALUE}")
_FIRST_PARAMETER = re.compile(rf"(?i)^\s*(?=[\w.%-]++\s*=)(?:{_REVEALING}){_VALUE}")
_USER = re.compile(r"(?s)(?<![\w+.-])(?P<scheme>[\w+.-]*+)://(?P<user>[^/?#]*)@(?:[/?#].*@)?")
_BROKEN_USER = re.compile(r"(?s)://[^/?#@:\[]*:(?!\d{1,5}(?:[/?#,;]|$)).*@")
_DRIVER_USER = re.compile(r"(?i)(:(?:thin|oci8?):)[^@]*@")
_LONE_USER = re.compile(r"^[\w.+-]+:[^/@\s]+@(?=[\w.-]+(?::\d+)?(?:/|$))")


def strip_secrets(uri: str) -> str:
    """`uri` without user info and without parameters that hold secrets. What holds none comes back as it was."""
    if "@" not in uri and "=" not in uri:
        return uri
    text = _LONE_USER.sub("", _FIRST_PARAMETER.sub("", uri))
    stripped = strip_from_path(text)
    return stripped if stripped == uri else strip_secrets(stripped)


def strip_from_path(path: str) -> str:
    """The same for a name: `token=1/part-0` at its beginning is a partition, not a parameter."""
    if "=" in path:
        path = _without_parameters(path)
    if "@" in path:
        path = _DRIVER_USER.sub(r"\1", _BROKEN_USER.sub("://", _USER.sub(_without_user, path)))
    return path


def _without_parameters(text: str) -> str:
    """Repeated, because what is left may join to a secret again."""
    while (stripped := _PARAMETER.sub(_question_mark, text)) != text:
        text = stripped.replace("?&", "?").removesuffix("?")
    return text


def _question_mark(found: re.Match[str]) -> str:
    return "?" if found["mark"] == "?" else ""


def _without_user(found: re.Match[str]) -> str:
    """Storage accounts write container@account: that is an address, unless a password is in it."""
    keep = by_scheme(found["scheme"]).container and ":" not in found["user"]
    return found[0] if keep else f"{found['scheme']}://"
