"""What secrets look like. Every pattern reads its text once: runs are bounded or possessive, nothing backtracks far."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

MASK = "***"

Replacement: TypeAlias = Callable[[re.Match[str]], str]

_WORD = (
    r"(?:pass(?:word|wd|phrase|code)s?|pwd|secret|token|credential|signature|authorization|connection[-_ ]?string"
    r"|(?:api|access|account|private|shared|encryption|master|sas|storage|auth|fernet|consumer|signing|aws|service)"
    r"(?:[-_. ]?(?:secret|account|shared|master))?[-_. ]?key|x-(?:amz|goog)-|sharedaccess"
    r"|(?<![a-z0-9])(?:pass|pw|sig|sas|auth|jwt|pat|psk|sasl[_.]jaas[_.]config)(?![a-z0-9]))[\w.-]{0,64}"
)
NAME = re.compile(rf"(?i){_WORD}")
_LOWERED_NAME = re.compile(_WORD)
_CORES = (
    *("pass", "pwd", "secret", "token", "credential", "signature", "auth", "connection", "key", "x-amz", "x-goog"),
    *("sharedaccess", "pw", "sig", "sas", "jwt", "pat", "psk"),
)

_QUOTED = (
    r"[a-z&]{0,2}(?:'(?:[^'\\]++|''|\\.)*+(?:'|\Z)|\"(?:[^\"\\]++|\"\"|\\.)*+(?:\"|\Z)|`[^`]*+`"
    r"|\\+\"(?:[^\"\\]++|\\(?!\"))*+(?:\\\"|\Z)|\\+'(?:[^'\\]++|\\(?!'))*+(?:\\'|\Z)"
    r"|\$(?P<tag>\w{0,32})\$.{0,4000}?\$(?P=tag)\$)"
)
_BARE = r"(?:[^\s,;&'\")\]}<>]|,(?=[^\s,])(?![\w.-]{0,40}=))++"
_OPERATOR = r"\s{0,8}(?:=>|:=|==|!=|<>|=|:(?!:))\s{0,8}"
_TYPED = r"\s{1,8}\w{1,32}(?:\([\w, ]{0,16}\))?\s{0,8}(?::=|=|DEFAULT\b)\s{0,8}"
_VERB = r"(?:\s{1,8}(?:BY|TO|IS|AS|IN|LIKE|FOR|VALUES?|USING|PASSWORD))?(?:\s{1,8}\(?|\s{0,8}\()\s{0,8}"

_AFTER_NAME = re.compile(
    rf"(?is)(?P<head>{_WORD}(?:(?:\\*[\"'`\]]){{0,3}}{_OPERATOR}\(?|(?:\\*[\"'`]){{1,3}},\s{{0,8}}|{_VERB}|{_TYPED}))"
    rf"(?P<value>{_QUOTED})"
)
_ASSIGNED = re.compile(
    rf"(?i)(?P<head>{_WORD}(?:\\*[\"'`\]]){{0,3}}(?P<operator>{_OPERATOR}))(?P<value>\{{[^}}\n]{{0,200}}\}}|{_BARE})"
)
_TAG = re.compile(rf"(?i)(?P<head><[^<>]{{0,40}}{_WORD}[^<>]{{0,40}}>)(?P<value>[^<]++)")
_IDENTIFIED = re.compile(
    rf"(?is)(?P<head>\bIDENTIFIED\s{{1,8}}(?:WITH\s{{1,8}}\S{{1,64}}\s{{1,8}})?(?:BY|AS|USING)\s{{1,8}}"
    rf"(?:PASSWORD\s{{1,8}}|VALUES\s{{1,8}})?|\bREPLACE\s{{1,8}}(?=[\"']))(?P<value>{_QUOTED}|[^\s;]++)"
)
_FLAG = re.compile(rf"(?i)(?P<head>(?<!\S)--?[\w-]{{0,40}}{_WORD}(?:\s{{1,8}}|=))(?P<value>{_QUOTED}|\S++)")
_COMMAND = re.compile(
    rf"(?i)(?P<head>\b(?:sshpass|mysql\w{{0,16}})\s[^\n|;]{{0,200}}?(?<=\s)-p\s?"
    rf"|\bcurl\s[^\n|;]{{0,200}}?(?<=\s)(?:-u|--user)[\s=]{{1,8}})(?P<value>{_QUOTED}|\S++)"
)
_SCHEMES = r"(?:Bearer|Basic|ApiKey|Digest|Token)"
_HEADER = re.compile(
    rf"(?i)(?P<head>authorization\W{{0,6}}(?:{_SCHEMES}\s{{1,8}})?)(?P<value>(?!{_SCHEMES}\b)[^\s'\",}}]{{2,}})"
)
_BEARER = re.compile(
    r"(?i)\b(?P<head>(?:Bearer|Basic|ApiKey)\s{1,8})(?P<value>(?=\S{0,40}[\d=+/_.-]|\S{16})[^\s'\",}]{6,})"
)
_PARAMETER = re.compile(r"(?i)(?P<head>[?&](?:key|code|user|username|uid)=)(?P<value>[^&\s'\"#]++)")
_USER = re.compile(
    r"(?<=://)(?:[^\s/?#'\"@:]{0,200}:(?!\d{1,5}(?:[/\s?#,;)\"']|$))(?:[^\s'\"]{0,200}@|[^@\n'\"]{1,100}@)"
    r"|(?<!abfs://)(?<!abfss://)(?<!wasb://)(?<!wasbs://)[^\s/?#'\"@:]{1,200}@)"
)
_SHAPE = re.compile(
    r"\b(?:A(?:KIA|SIA|ROA|IDA)[A-Z0-9]{12,20}(?P<pair>['\"]?\s{0,8},\s{0,8}['\"][^'\"]*+['\"])?"
    r"|gh[pousr]_\w{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[a-z]-[\w-]{10,}+|AIza[\w-]{30,}+|ya29\.[\w-]{10,}+"
    r"|sk-[\w-]{16,}+|[sr]k_(?:live|test)_\w{10,}+|dapi[0-9a-f]{30,}+(?:-\d)?|hvs\.[\w-]{16,}+|hf_\w{20,}+"
    r"|npm_\w{30,}+|pypi-[\w-]{16,}+|SG\.[\w-]{10,64}\.[\w-]{10,}+|dop_v1_\w{20,}+|eyJ[\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?)"
    r"|-----BEGIN [A-Z ]{0,24}PRIVATE KEY-----[^-]*+(?:-----END [A-Z ]{0,24}PRIVATE KEY-----)?"
    r"|hooks\.slack\.com/services/[\w/]++"
)
_HARMLESS = re.compile(r"[0-9a-fA-F:.TZ+ -]{0,64}|-?[a-z_]{1,4}")

_INSERT = re.compile(
    r"(?is)\binsert\s{1,8}(?:into|overwrite)\s[^()]{1,400}\((?P<columns>[^()]*+)\)\s{0,8}values\b(?P<values>.*)"
)
_LITERAL = re.compile(r"(?s)'(?:[^'\\]++|''|\\.)*+(?:'|\Z)")
_NUMBER = re.compile(r"[-+]?\d[\d.]*")
_EXPRESSION = re.compile(r"(?i)[a-z_][\w$]*(?:\.[a-z_][\w$]*)*(?:\(.*)?|[$:@%?{(*].*")


def in_text(text: str) -> str:
    return _without_secrets(text, _masked)


def in_prose(text: str) -> str:
    return _without_secrets(text, _masked_in_prose)


def in_sql(text: str) -> str:
    return _without_secrets(text, _masked_in_sql)


def _without_secrets(text: str, assigned: Replacement) -> str:
    """Most texts are short and hold none, and finding that out is most of what they cost."""
    if _HARMLESS.fullmatch(text):
        return text
    lowered = text.lower()
    for markers, pattern, replacement in _LOOKS:
        if any(map(lowered.__contains__, markers)):
            text = pattern.sub(replacement, text)
    named = any(map(lowered.__contains__, _CORES)) and _LOWERED_NAME.search(lowered)
    return _ASSIGNED.sub(assigned, _named(text, assigned)) if named else text


def _named(text: str, assigned: Replacement) -> str:
    if assigned is _masked_in_sql:
        text = _INSERT.sub(_masked_values, text)
    for pattern in (_FLAG, _HEADER, _TAG, _AFTER_NAME):
        text = pattern.sub(_masked, text)
    return text


def _masked(found: re.Match[str]) -> str:
    return found["head"] + _replacement(found["value"])


def _replacement(value: str) -> str:
    """As it was quoted; dollars become quotes."""
    if value.startswith(MASK):
        return value
    opening = re.match(r"[A-Za-z&]{0,2}(\\*)([\"'`$])", value)
    if opening is None:
        return MASK
    quote = opening[1] + opening[2].replace("$", "'")
    return f"{quote}{MASK}{quote}"


def _masked_pair(found: re.Match[str]) -> str:
    """Functions take the two halves of an access key side by side."""
    pair = found["pair"]
    return MASK if pair is None else f"{MASK}{pair[: pair.index(',')]}, '{MASK}'"


def _masked_in_prose(found: re.Match[str]) -> str:
    """A colon before a plain word is punctuation."""
    word = ":" in found["operator"] and found["value"].rstrip(".").isalpha()
    return found[0] if word else _masked(found)


def _masked_in_sql(found: re.Match[str]) -> str:
    """Outside quotes SQL compares columns; inside of them `key=value` has no spaces, and comments have a colon."""
    value, operator = found["value"], found["operator"]
    if _NUMBER.fullmatch(value):
        return f"{found['head']}'{MASK}'"
    qualified = found.string[: found.start()].endswith(".") and "." in value
    spaced = operator not in ("=", ":") and operator.strip() != ":"
    column = _EXPRESSION.fullmatch(value) is not None and (spaced or qualified)
    return found[0] if column else _masked(found)


def _masked_values(found: re.Match[str]) -> str:
    """Which of the values belongs to the secret's column is not for us to count."""
    if not NAME.search(found["columns"]):
        return found[0]
    start = found.start("values") - found.start()
    return found[0][:start] + _LITERAL.sub(f"'{MASK}'", found["values"])


def _masked_user(_: re.Match[str]) -> str:
    return f"{MASK}@"


_LOOKS: tuple[tuple[tuple[str, ...], re.Pattern[str], Replacement], ...] = (
    (("://",), _USER, _masked_user),
    (
        (
            *("akia", "asia", "aroa", "aida", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat", "glpat-", "aiza"),
            *("xox", "ya29.", "sk-", "sk_", "rk_", "dapi", "hvs.", "hf_", "npm_", "pypi-", "sg.", "dop_v1", "eyj"),
            *("private key-----", "hooks.slack"),
        ),
        _SHAPE,
        _masked_pair,
    ),
    (("identified", "replace"), _IDENTIFIED, _masked),
    (("mysql", "curl", "sshpass"), _COMMAND, _masked),
    (("bearer", "basic", "apikey"), _BEARER, _masked),
    (("?", "&"), _PARAMETER, _masked),
)
