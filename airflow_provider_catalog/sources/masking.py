"""Secrets in what people and machines write: SQL, code, errors, properties. Masked before anything is cut or stored.

Where it is not clear whether a value is a secret, it is masked. In SQL a secret becomes a literal again, so that the
query still parses, and a comparison of two columns is left alone. Every pattern reads its text once: nothing here may
become slow because somebody sent ten megabytes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from airflow_provider_catalog.model.identity import strip_secrets

MASK = "***"
Mask: TypeAlias = Callable[[str], str]

_NAME = (
    r"(?:pass(?:word|wd|phrase|code)s?|pwd|secret|token|credential|signature|authorization|connection[-_ ]?string"
    r"|(?:api|access|account|private|shared|encryption|master|sas|storage|auth|fernet|consumer|signing|aws|service)"
    r"(?:[-_. ]?(?:secret|account|shared|master))?[-_. ]?key|x-(?:amz|goog)-|sharedaccess"
    r"|(?<![A-Za-z0-9])(?:pass|pw|sig|sas|auth|jwt|pat|psk|sasl_jaas_config)(?![A-Za-z0-9]))[\w.-]{0,64}"
)
_QUOTED = (
    r"[A-Za-z&]{0,2}(?:'(?:[^'\\]|''|\\.)*(?:'|\Z)|\"(?:[^\"\\]|\"\"|\\.)*(?:\"|\Z)"
    r"|\\+\"(?:[^\"\\]|\\(?!\"))*(?:\\\"|\Z)|\\+'(?:[^'\\]|\\(?!'))*(?:\\'|\Z)|\$(?P<tag>\w{0,32})\$.*?\$(?P=tag)\$|`[^`]*`)"
)
_BARE = r"[^\s,;&'\")\]}<>]+(?:,[^\s,;&'\")\]}<>=]+(?![\w.-]*=))*"
_OPERATOR = r"\s{0,8}(?:=>|:=|==|!=|<>|=|:(?!:))\s{0,8}"
_WORDS = r"(?:\s{1,8}(?:BY|TO|IS|AS|LIKE|FOR|VALUE|VALUES|USING|PASSWORD))?\s{0,8}\(?\s{0,8}"
_CLOSE = r"(?P<close>\\*[\"'`\]]{0,3})"

_QUOTED_SECRET = re.compile(
    rf"(?is)(?P<head>{_NAME}{_CLOSE}(?:{_OPERATOR}\(?|,\s{{0,8}}|{_WORDS}))(?P<value>{_QUOTED})"
)
_BARE_SECRET = re.compile(rf"(?i)(?P<head>{_NAME}{_CLOSE}(?P<operator>{_OPERATOR}))(?P<value>\{{[^}}\n]*\}}|{_BARE})")
_IDENTIFIED = re.compile(
    rf"(?is)(?P<head>\bIDENTIFIED\s+(?:WITH\s+\S+\s+)?(?:BY|AS|USING)\s+(?:PASSWORD\s+|VALUES\s+)?|\bREPLACE\s+(?=[\"']))"
    rf"(?P<value>{_QUOTED}|[^\s;]+)"
)
_FLAG = re.compile(
    rf"(?i)(?P<head>(?<!\S)--?[\w-]{{0,40}}{_NAME}(?:\s+|=)|\b(?:sshpass|mysql\w*)\s[^\n|;]{{0,200}}?(?<=\s)-p\s?"
    rf"|\bcurl\s[^\n|;]{{0,200}}?\s(?:-u|--user)[\s=]+)(?P<value>{_QUOTED}|\S+)"
)
_SCHEME = re.compile(r"(?i)\b(?P<head>(?:Bearer|Basic|ApiKey)\s+)(?P<value>(?=\S*[\d=+/_.-]|\S{16})[\w+/=.~-]{6,})")
_HEADER = re.compile(
    r"(?i)(?P<head>authorization\W{0,6}(?:(?:Bearer|Basic|Token|Digest|ApiKey)\s+)?)(?P<value>[\w+/=.~-]{4,})"
)
_PARAMETER = re.compile(r"(?i)(?P<head>[?&](?:key|code|auth|sig|se|user|username|uid)=)(?P<value>[^&\s'\"#]+)")
_USER = re.compile(
    r"(?<=://)(?:[^\s/?#'\"@:]*:(?!\d{1,5}(?:[/\s?#,;)\"']|$))(?:[^\s'\"]*@|[^@\n'\"]{1,100}@)"
    r"|(?<!abfs://)(?<!abfss://)(?<!wasb://)(?<!wasbs://)[^\s/?#'\"@:]+@)"
)
_SHAPES = re.compile(
    r"\b(?:A(?:KIA|SIA|ROA|IDA)[A-Z0-9]{12,20}(?P<pair>['\"]?\s*,\s*['\"][^'\"]*['\"])?"
    r"|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|AIza[\w-]{30,}|ya29\.[\w-]{10,}"
    r"|sk-[\w-]{16,}|[sr]k_(?:live|test)_\w{10,}|dapi[0-9a-f]{30,}(?:-\d)?|hvs\.[\w-]{16,}|hf_\w{20,}|npm_\w{30,}"
    r"|pypi-[\w-]{16,}|SG\.[\w-]{10,}\.[\w-]{10,}|dop_v1_\w{20,}|eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?"
    r"|hooks\.slack\.com/services/[\w/]+"
)
_MARKERS = (
    "pass", "pwd", "secret", "token", "cred", "sign", "auth", "key", "connection", "://", "identified", "bearer", "basic",
    "akia", "asia", "aroa", "aida", "eyj", "begin", "sk-", "sk_", "rk_", "gh", "glpat", "xox", "aiza", "ya29", "dapi",
    "hvs.", "hf_", "npm_", "pypi", "sg.", "dop_v1", "sharedaccess", "x-amz", "x-goog", "hooks.slack", "jwt", "pat", "psk",
    "sig", "sas", "pw", "mysql", "curl",
)  # fmt: skip
_HARMLESS = re.compile(r"[0-9a-fA-F:.TZ+ -]{0,64}")
_INSERT = re.compile(rf"(?is)\binsert\s+into\s+[^\s(]+\s*\([^)]*{_NAME}[^)]*\)\s*values\b(?P<values>.*)")
_LITERAL = re.compile(r"(?s)'(?:[^'\\]|''|\\.)*(?:'|\Z)")
_SECRET_KEY = re.compile(rf"(?i){_NAME}")
_COLUMN = re.compile(r"[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)*(?:\(.*)?$|[$:@%?{]|\*\*\*|[(*]")
_NUMBER = re.compile(r"[-+]?\d[\d.]*$")


@lru_cache(maxsize=4096)
def mask_text(text: str) -> str:
    """Errors, code, properties: anything that is no SQL."""
    if not suspicious(text):
        return text
    text = _mask_shapes(text)
    text = _QUOTED_SECRET.sub(_quoted, text)
    return _BARE_SECRET.sub(_bare, text)


@lru_cache(maxsize=4096)
def mask_prose(text: str) -> str:
    """What people wrote for people: "password: the user's choice" stays, "password = x1" does not."""
    if not suspicious(text):
        return text
    text = _mask_shapes(text)
    text = _QUOTED_SECRET.sub(_quoted, text)
    return _BARE_SECRET.sub(_bare_in_prose, text)


@lru_cache(maxsize=4096)
def mask_sql(text: str) -> str:
    """Literals that are secrets become '***'."""
    if not suspicious(text):
        return text
    text = _INSERT.sub(_values, _mask_shapes(text))
    text = _QUOTED_SECRET.sub(_quoted, text)
    return _BARE_SECRET.sub(_bare_in_sql, text)


def mask_uri(text: str) -> str:
    return mask_text(strip_secrets(text))


def suspicious(text: str) -> bool:
    if _HARMLESS.fullmatch(text):
        return False
    lowered = text.lower()
    for marker in _MARKERS:  # half the time of any()
        if marker in lowered:
            return True
    return False


@lru_cache(maxsize=8192)
def secret_name(name: str) -> bool:
    """Whether a property of that name holds a secret."""
    return _SECRET_KEY.search(name) is not None


def masked(value: Any, mask: Mask = mask_text) -> Any:
    """`value` with its secrets masked, whoever's properties they are, and without OpenLineage's own bookkeeping."""
    kind = type(value)
    if kind is str:
        return mask(value)
    if kind is dict:
        return _masked_object(value, mask)
    if kind is list:
        return [masked(each, mask) for each in value]
    return _Spelled(value) if kind is float and not 1e-4 <= abs(value) < 1e16 and value else value


class _Spelled(float):
    """A float that JSON writers spell in different ways; orjson leaves it to codec.details."""

    __slots__ = ()


def _masked_object(value: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """`{"password": "x"}` and `{"name": "password", "value": "x"}`."""
    name = value.get("name", value.get("key"))
    names_secret = type(name) is str and "value" in value and secret_name(name)
    return {
        mask(key): MASK if _hides(key, each, names_secret=names_secret) else masked(each, mask)
        for key, each in value.items()
        if key not in ("_producer", "_schemaURL")
    }


def _hides(key: str, value: Any, *, names_secret: bool) -> bool:
    secret = (names_secret and key == "value") or secret_name(key)
    return secret and value is not None and not isinstance(value, bool)


def _mask_shapes(text: str) -> str:
    text = _USER.sub(f"{MASK}@", text)
    text = _SHAPES.sub(_shape, text)
    for pattern in (_IDENTIFIED, _FLAG, _HEADER, _SCHEME, _PARAMETER):
        text = pattern.sub(_head, text)
    return text


def _head(found: re.Match[str]) -> str:
    value = found["value"]
    return found["head"] + (_requoted(value) if value[0] in "'\"" else MASK)


def _shape(found: re.Match[str]) -> str:
    """Functions take the two halves of an access key side by side."""
    pair = found["pair"]
    return MASK if pair is None else f"{MASK}{pair[: pair.index(',')]}, '{MASK}'"


def _quoted(found: re.Match[str]) -> str:
    return found["head"] + _requoted(found["value"])


def _requoted(value: str) -> str:
    escaped = "\\" if value.startswith("\\") else ""
    quote = next((mark for mark in value if mark in "'\"`$"), "'")
    return f"{escaped}{quote}{MASK}{escaped}{quote}" if quote != "$" else f"'{MASK}'"


def _bare(found: re.Match[str]) -> str:
    return found[0] if found["value"].startswith(MASK) else found["head"] + MASK


def _bare_in_prose(found: re.Match[str]) -> str:
    """A colon before a plain word is punctuation."""
    word = ":" in found["operator"] and found["value"].rstrip(".").isalpha()
    return found[0] if word else _bare(found)


def _bare_in_sql(found: re.Match[str]) -> str:
    """Outside quotes SQL compares columns; `key=value` without spaces is a connection string, inside quotes."""
    value, text = found["value"], found.string
    if _NUMBER.match(value):
        return f"{found['head']}'{MASK}'"
    spaced = found["operator"] not in ("=", ":")
    qualified = "." in value and text[found.start() - 1 : found.start()] == "."
    return found[0] if _COLUMN.match(value) and (spaced or qualified) else _bare(found)


def _values(found: re.Match[str]) -> str:
    start = found.start("values") - found.start()
    return found[0][:start] + _LITERAL.sub(f"'{MASK}'", found["values"])
