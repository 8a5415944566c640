"""How pairs (namespace, name) are cleaned, folded and split from text. Plain strings; `identity` makes the ids."""

from __future__ import annotations

import re
from urllib.parse import unquote

from airflow_provider_catalog.model.platforms import BY_SCHEME, UNKNOWN, Case, Platform, by_namespace, by_scheme
from airflow_provider_catalog.model.redaction import strip_from_path, strip_secrets

Pair = tuple[str, str]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ORACLE_THIN = re.compile(r"(?i)^jdbc:(\w+):\w+:@?(?://)?")
_URI = re.compile(r"(?is)(?:jdbc:)?([a-z][a-z0-9+._-]*)://([^/?#;]*)(.*)")
_ONE_SLASH = re.compile(r"(?i)([a-z]+):/(?!/)")
_ARN = re.compile(r"(?s)(arn:[^:/]*:([^:/]+):[^:/]*:[^:/]*)[:/](.+)")
_WORD = re.compile(r"(?s)([A-Za-z]+)[:/](?!//)(.+)")
_DATABASE_FILE = re.compile(r"(?is)(/.*?\.(?:db3?|sqlite3?|duckdb|ddb))(?:/(.*))?")
_DOT = re.compile(r"(?<!\\)\.")
_PARAMETERS = re.compile(r"(?s)[?#;].*")


def storable(text: str) -> str:
    """No database stores NUL or half a surrogate pair."""
    return _UNSTORABLE.sub("\ufffd", text)


def parts(name: str, separator: str) -> list[str]:
    """A backslash keeps a dot inside its part, as the naming conventions say."""
    if separator == "." and "\\" in name:
        return _DOT.split(name)
    return name.split(separator) if separator else [name]


def fold(platform: Platform, name: str) -> str:
    return _folded(platform.case, name)


def fold_column(platform: Platform, name: str) -> str:
    return _folded(platform.columns or platform.case, name)


def _folded(case: Case, name: str) -> str:
    if case == "exact":
        return name
    return name.lower() if case == "lower" else name.upper()


def clean(namespace: str, name: str) -> Pair:
    """Cleaned until nothing changes, so that cleaning what was cleaned is the same."""
    pair = storable(namespace), storable(name)
    while (cleaned := _clean_once(*pair)) != pair:
        pair = cleaned
    return pair


def _clean_once(namespace: str, name: str) -> Pair:
    namespace = _clean_namespace(strip_secrets(namespace).strip())
    row, name = by_namespace(namespace), strip_from_path(name)
    if row.start:
        return namespace, _clean_path(row, namespace, name)
    return namespace, (_clean_table(row, name, namespace) if row.separator == "." else name) or "/"


def _clean_namespace(namespace: str) -> str:
    """A namespace of no platform we know stays as it is."""
    found = _URI.fullmatch(_ORACLE_THIN.sub(r"\1://", namespace))
    if not found:
        word = BY_SCHEME.get(namespace.lower())
        return word.name if word and word.word != "never" else namespace
    row = by_scheme(found[1])
    if not row.schemes:
        return namespace
    authority, path = _located(row, found[2], _PARAMETERS.sub("", found[3]).rstrip("/"))
    authority = _clean_authority(row, authority)
    return row.name if row.word != "never" and not authority + path else f"{row.schemes[0]}://{authority}{path}"


def _located(row: Platform, authority: str, path: str) -> Pair:
    """A database file is on no host: Airflow's normal form of an asset's URI makes its first folder one."""
    return ("", f"/{f'{authority}{path}'.lstrip('/')}") if row.inside < 0 else (authority, path)


def _clean_authority(row: Platform, authority: str) -> str:
    lowered = authority.lower().removesuffix(":none")
    return re.sub(*row.host, lowered) if row.host[0] else lowered


def _clean_path(row: Platform, namespace: str, name: str) -> str:
    """A local path may be relative; on a host there is nothing it could be relative to."""
    rooted = row.start == "/" and (name.startswith("/") or "://" in namespace)
    return ("/" if rooted else "") + name.strip("/") or "/"


def _clean_table(row: Platform, name: str, namespace: str) -> str:
    """Operators join what they do not know as "None", and some by slashes; `/BIC/ORDERS` is a table's own name. A file
    is a database of its own name, which some say once more.
    """
    if row.levels and "." not in name and not name.startswith("/"):
        name = name.strip("/").replace("/", ".")
    *head, last = parts(name, ".")
    head = [part for part in head if part != "None"]
    if row.inside < 0 and len(head) == 2 and head[0].lower() == _file_stem(namespace):
        head = head[1:]
    if row.schema and [part.lower() for part in head] == [row.schema]:
        head = []
    return ".".join([*head, last])


def _file_stem(namespace: str) -> str:
    return namespace.rpartition("/")[2].partition(".")[0].lower()


def split_uri(text: str, *, slashes_are_dots: bool = False) -> Pair | None:
    """By the grammar of its scheme; None for what is no URI or names a server and nothing on it."""
    found = _URI.fullmatch(_ORACLE_THIN.sub(r"\1://", _three_slashes(text)))
    if not found:
        return None
    scheme, authority, path = found.groups()
    row = by_scheme(scheme)
    if row.levels:
        path = _PARAMETERS.sub("", path)
    authority, path = _located(row, authority, path)
    inside, rest = _divide(row, path)
    if row.word == "always" or (row.prefix and authority):
        rest, authority = f"{authority}/{rest}".strip("/"), ""
        rest = row.prefix + rest if row.prefix else rest.replace("/", row.separator)
    if not rest.strip("/") and (row.levels or not authority):
        return None
    if slashes_are_dots and row.levels:
        rest = ".".join(unquote(part) for part in rest.strip("/").split("/"))
    return f"{scheme}://{authority}{inside}", f"/{rest}" if row.start == "/" else rest


def _three_slashes(text: str) -> str:
    """`dbfs:/mnt` and `file:/tmp` leave out an empty host; so does Airflow's normal form of `duckdb:///file/table`."""
    found = _ONE_SLASH.match(text)
    row = by_scheme(found[1]) if found else UNKNOWN
    return f"{found[1]}:///{text[found.end() :]}" if found and (row.start == "/" or row.inside < 0) else text


def _divide(row: Platform, path: str) -> Pair:
    """The part of a URI's path that belongs to the namespace, and the rest."""
    if row.inside >= 0:
        pieces = path.split("/", row.inside + 1)
        return "/".join(pieces[: row.inside + 1]), "/".join(pieces[row.inside + 1 :])
    if found := _DATABASE_FILE.fullmatch(path):
        return found[1], found[2] or ""
    file, _, table = path.rpartition("/")
    return file, table


def split_arn(text: str) -> Pair | None:
    """The namespace is the account; a bucket needs none, its name is unique."""
    found = _ARN.fullmatch(text)
    if not found:
        return None
    return split_uri(f"{found[2]}://{found[3]}") if by_scheme(found[2]).start == "key" else (found[1], found[3])


def split_word(text: str) -> Pair | None:
    """`bigquery/project.dataset.table`, `file//path`, and a path on this machine."""
    if text.startswith("/"):
        return "file", text
    found = _WORD.fullmatch(text)
    word = found and BY_SCHEME.get(found[1].lower())
    return (word.name, found[2]) if found and word and word.word != "never" else None


def fits(namespace: str, name: str) -> bool:
    """Whether a bare name looks like the names of that namespace."""
    row = by_namespace(namespace)
    if not row.schemes:
        return True
    if not row.levels:
        return row.separator in name
    return "/" not in name and len(parts(name, ".")) == row.levels
