"""Programs that EMR runs: steps of a cluster, and jobs of EMR Serverless and EMR on EKS.

What SQL and copies say is as sure as they are; what the arguments of a program say is a guess, and the program may do
more.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.sources.task.aws import arguments, places, spark_sql
from airflow_provider_catalog.sources.task.aws.arguments import Argument
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.places import Account, Unnamed
from airflow_provider_catalog.sources.task.aws.spark_sql import Metastore

_MOST = 1_000
_RUNNERS = ("command-runner.jar", "script-runner.jar")
_ALONE = frozenset(
    {"-v", "--verbose", "--supervise", "-S", "--silent", "--recursive", "--delete", "--quiet", "--deleteOnSuccess"}
)
"""Options without a value."""
_SETTING = frozenset({"--conf", "-c", "--hiveconf", "-hiveconf", "-D"})
_STORED_SQL = "the SQL is in a file"


class Where(NamedTuple):
    """`settings` are those of Spark and Hive, by whoever stated them."""

    account: Account
    settings: dict[str, str]

    def told(self, options: Sequence[Argument]) -> Where:
        pairs = (each.value.partition("=")[::2] for each in options if each.name in _SETTING)
        return self._replace(settings={**self.settings, **dict(pairs)})

    @property
    def metastore(self) -> Metastore:
        return Metastore.of(self.settings, self.account)


Command: TypeAlias = Callable[[Sequence[str], Where, Findings], None]


def steps(fields: Fields, found: Findings) -> None:
    """Of EmrAddStepsOperator, which takes them as a text, too."""
    text, where = fields.text("steps"), Where(Account.of(fields), {})
    stated = Fields({"steps": _decoded(text)}) if text else fields
    if type(stated.stated.get("steps")) is not list:
        found.unknown("runs", Unnamed((), "it is no list of steps"))
    for step in stated.objects("steps"):
        _step(step, where, found)


def job_flow(fields: Fields, found: Findings) -> None:
    """Of EmrCreateJobFlowOperator. Without steps a cluster does nothing."""
    overrides = fields.object("job_flow_overrides")
    settings = _settings(overrides.objects("Configurations"), "Properties")
    for step in overrides.objects("Steps"):
        _step(step, Where(Account.of(fields), settings), found)


def job(fields: Fields, found: Findings) -> None:
    """Of EMR Serverless and EMR on EKS: what drives it has one key, and its parts the names of either."""
    stated = fields.object("configuration_overrides").objects("applicationConfiguration")
    where = Where(Account.of(fields), _settings(stated, "properties"))
    driver = fields.object("job_driver")
    found.whole = False
    for key in ("sparkSubmit", "sparkSubmitJobDriver"):
        submit = driver.object(key)
        told = arguments.words_of(submit.text("sparkSubmitParameters"))
        _submit(["", *told, submit.text("entryPoint"), *submit.texts("entryPointArguments")], where, found)
    for key, parameters in (("hive", "parameters"), ("sparkSqlJobDriver", "sparkSqlParameters")):
        words = arguments.words_of(driver.text(key, parameters))
        _read(arguments.of_line(words), where, found)
        for script in filter(None, (driver.text(key, name) for name in ("query", "entryPoint"))):
            found.unknown("runs", Unnamed((script,), _STORED_SQL))


def _decoded(text: str) -> Any:
    for decode in (json.loads, ast.literal_eval):
        try:
            return decode(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    return None


def _settings(stated: Iterator[Fields], properties: str) -> dict[str, str]:
    """Of all classifications: those of Spark and Hive are told by their keys."""
    pairs = (pair for each in stated for pair in each.object(properties).stated.items())
    return {key: value for key, value in pairs if type(value) is str}


def _step(step: Fields, where: Where, found: Findings) -> None:
    stated = step.object("HadoopJarStep")
    words, jar = stated.texts("Args")[:_MOST], stated.text("Jar").rpartition("/")[2]
    properties = {each.text("Key"): each.text("Value") for each in stated.objects("Properties")}
    where = where._replace(settings={**where.settings, **properties})
    part = found.part()
    _run(words if jar in _RUNNERS else [jar, *words], where, part)
    found.include(part)


def _run(words: Sequence[str], where: Where, found: Findings) -> None:
    name = words[0].rpartition("/")[2].removesuffix(".jar") if words else ""
    COMMANDS.get(name, _program)(words, where, found)


def _program(words: Sequence[str], where: Where, found: Findings) -> None:
    found.whole = False
    _read(arguments.of_line(words[1:]), where, found)


def _read(told: Iterator[Argument], where: Where, found: Findings) -> None:
    """SQL may be among the arguments."""
    listed = list(told)
    for each in listed:
        if spark_sql.is_sql(each.value):
            spark_sql.guess(each.value, "", where.metastore, found)
    arguments.read([each for each in listed if not spark_sql.is_sql(each.value)], where.account, found)


def _submit(words: Sequence[str], where: Where, found: Findings) -> None:
    """`spark-submit` takes its options, the program, and after it what the program is told."""
    options, rest = _options(words[1:])
    where = where.told(options)
    found.whole = False
    settings = [Argument(*each.value.partition("=")[::2]) for each in options if each.name in _SETTING]
    _read(iter([*settings, *arguments.of_line(rest[1:])]), where, found)


def _options(words: Sequence[str]) -> tuple[list[Argument], Sequence[str]]:
    options: list[Argument] = []
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, equals, value = words[at].partition("=")
        follows = not equals and name not in _ALONE
        options.append(Argument(name, words[at + 1] if follows and at + 1 < len(words) else value))
        at += 2 if follows else 1
    return options, words[at:]


def _sql(words: Sequence[str], where: Where, found: Findings) -> None:
    """`spark-sql` and `hive`: what is said after `-e`, in the database they are told."""
    options, _ = _options(words[1:])
    where = where.told(options)
    database = next((each.value for each in options if each.name == "--database"), "")
    for each in options:
        if each.name in ("-e", "--execute"):
            spark_sql.read(each.value, database, where.metastore, found)
        elif each.name in ("-f", "--file"):
            _script(words, where, found)


def _script(words: Sequence[str], where: Where, found: Findings) -> None:
    """A script that lies somewhere; what it is told may name what it reads."""
    told = list(arguments.of_line(words[1:]))
    scripts = [each.value for each in told if each.name in ("-f", "--file")]
    found.unknown("runs", Unnamed(tuple(scripts), _STORED_SQL))
    _read(iter([each for each in told if each.name not in ("-f", "--file")]), where, found)


def _copy(words: Sequence[str], _where: Where, found: Findings) -> None:
    """`s3-dist-cp`."""
    for each in arguments.of_line(words[1:]):
        if each.name in ("--src", "--dest"):
            (found.read if each.name == "--src" else found.write)(places.path(each.value))


def _hadoop(words: Sequence[str], where: Where, found: Findings) -> None:
    """`hadoop distcp FROM … TO`; `hadoop jar` is any program."""
    if list(words[1:2]) != ["distcp"]:
        _program(words, where, found)
        return
    _from_to([each for each in words[2:] if "://" in each or each.startswith("/")], found)


def _aws(words: Sequence[str], where: Where, found: Findings) -> None:
    if list(words[1:2]) != ["s3"] or words[2:3] not in (["cp"], ["sync"], ["mv"]):
        _program(words, where, found)
        return
    _from_to([each for each in words[3:] if "://" in each or each.startswith(("/", "."))][:2], found)


def _from_to(ends: Sequence[str], found: Findings) -> None:
    for end in ends[:-1]:
        found.read(places.path(end))
    for end in ends[-1:] if len(ends) > 1 else ():
        found.write(places.path(end))


def _streaming(words: Sequence[str], _where: Where, found: Findings) -> None:
    """`hadoop-streaming` says itself what goes in and out."""
    for each in arguments.of_line(words[1:]):
        for value in each.value.split(",") if each.name in ("-input", "-output") else ():
            (found.read if each.name == "-input" else found.write)(places.path(value))


def _shell(words: Sequence[str], where: Where, found: Findings) -> None:
    """`bash -c` of one command; a script of several is any program."""
    line = words[2] if len(words) > 2 and words[1] in ("-c", "-lc") else ""
    inner = arguments.words_of(line)
    if not inner or any(mark in line for mark in ("&&", "||", "|", "\n")):
        _program(words, where, found)
    else:
        _run(inner, where, found)


COMMANDS: dict[str, Command] = {
    **dict.fromkeys(("spark-submit", "run-example"), _submit),
    **dict.fromkeys(("spark-sql", "hive", "beeline"), _sql),
    **dict.fromkeys(("hive-script", "pig-script"), _script),
    **dict.fromkeys(("bash", "sh"), _shell),
    "aws": _aws,
    "hadoop": _hadoop,
    "hadoop-streaming": _streaming,
    "s3-dist-cp": _copy,
}
"""What a command line begins with; whatever else is any program."""
