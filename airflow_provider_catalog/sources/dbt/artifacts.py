"""dbt's artifacts: what the files of a target folder say, and what of it belongs to an invocation.

`manifest.json` must be there; the others tell more. What `dbt docs generate` or `dbt compile` leaves as results is of
no run, since nothing was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import orjson

from airflow_provider_catalog.errors import ArtifactsError, RejectedError
from airflow_provider_catalog.model.dbt import Document, Invocation
from airflow_provider_catalog.model.dbt_nodes import all_nodes, seed_columns
from airflow_provider_catalog.model.dbt_results import has_run, invocation, marked, results_of, timed
from airflow_provider_catalog.model.dbt_target import as_target
from airflow_provider_catalog.model.untyped import mapping, texts
from airflow_provider_catalog.sources.timestamps import instant

MANIFEST, RUN_RESULTS, CATALOG, SOURCES = "manifest.json", "run_results.json", "catalog.json", "sources.json"
FILES = (MANIFEST, RUN_RESULTS, CATALOG, SOURCES)
OVERWRITTEN = (
    f"no results are told: `dbt docs generate` wrote over the {RUN_RESULTS} of the run before it. Ingest after the run "
    "too, or let it be: `dbt docs generate --no-compile`"
)
OLDEST = 10
"""Of the manifest's schema: what dbt 1.6 wrote. Before, compiled SQL had another name."""


class Artifacts(NamedTuple):
    """Of one invocation, mostly. By node, `seeds`: the columns of CSV files, and `batches`: the SQL of the last batch,
    which dbt writes nowhere else.
    """

    manifest: dict[str, Any]
    run_results: dict[str, Any]
    catalog: dict[str, Any]
    sources: dict[str, Any]
    seeds: Mapping[str, list[str]]
    batches: Mapping[str, str]

    @classmethod
    def of(cls, read: Callable[[str], bytes | None], where: str = "") -> Artifacts:
        """`read` gives what is in a file of that name, None where there is none."""
        found = {name: _object(read(name), name, where) for name in FILES}
        if not found[MANIFEST]:
            raise ArtifactsError(where, f"there is no {MANIFEST}: dbt writes it into its target folder when it runs")
        _check_version(found[MANIFEST], where)
        return cls(found[MANIFEST], found[RUN_RESULTS], found[CATALOG], found[SOURCES], {}, {})

    @property
    def project(self) -> str:
        """As the manifest says; older ones have it in every node of their own."""
        stated = mapping(self.manifest.get("metadata")).get("project_name")
        return str(stated or next((each.get("package_name") for each in all_nodes(self.manifest).values()), None) or "")

    @property
    def adapter(self) -> str:
        return str(mapping(self.manifest.get("metadata")).get("adapter_type") or "")

    @property
    def results(self) -> list[dict[str, Any]]:
        """Of what was run."""
        return results_of(self.run_results) if has_run(self.run_results) else []

    @property
    def args(self) -> Mapping[str, Any]:
        return mapping(self.run_results.get("args"))

    @property
    def command(self) -> str:
        return str(self.args.get("which") or "")

    @property
    def freshness(self) -> list[dict[str, Any]]:
        return results_of(self.sources)

    @property
    def generated_at(self) -> str:
        """The newest of what tells of nodes."""
        stated = (mapping(each.get("metadata")).get("generated_at") for each in (self.manifest, self.catalog))
        return max((each for each in stated if isinstance(each, str)), default="")

    def seen(self) -> dict[str, Any]:
        """The tables of catalog.json, as they were then."""
        tables = (mapping(self.catalog.get(table)).items() for table in ("nodes", "sources"))
        return {name: one for some in tables for name, one in some if isinstance(one, dict)}

    @property
    def seen_at(self) -> str:
        return str(mapping(self.catalog.get("metadata")).get("generated_at") or "")

    def made(self) -> dict[str, str]:
        """When what this run has made was done, by node."""
        done = ((str(each.get("unique_id")), timed(each, "completed_at")) for each in self.results)
        return {name: at for name, at in done if at}

    @property
    def problem(self) -> str:
        """What is not told of them, and why."""
        return OVERWRITTEN if self.command == "generate" else ""

    def invocation(self) -> Invocation | None:
        """Nothing where nothing was run."""
        return invocation(self.run_results, self.generated_at)

    @property
    def marker(self) -> dict[str, Any]:
        """What our hook has left."""
        return marked(self.run_results) or marked(self.sources)

    def wanted(self, nodes: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Those of these that are to be told of, as the variables of our package say."""
        include, exclude = (texts(self.marker.get(key)) for key in ("include", "exclude"))
        return {
            name
            for name, node in nodes.items()
            if (not include or _matches(node, include)) and not (exclude and _matches(node, exclude))
        }

    def document(self) -> Document:
        """What all documents of it have. Where our hook has run it says where all this was."""
        made: Document = {"format": 1, "project": self.project, "generated_at": self.generated_at}
        if invocation := self.invocation():
            made["invocation"] = invocation
        told = self.marker
        if isinstance(told.get("target"), dict):
            made["target"] = as_target(told["target"], str(self.args.get("project_dir") or ""))
        for key in ("parent", "airflow", "job_namespace"):
            if told.get(key):
                made[key] = told[key]
        groups = self.manifest.get("groups")
        named = (mapping(each) for each in groups.values()) if isinstance(groups, dict) else ()
        made["groups"] = {str(each["name"]): {"owner": each.get("owner")} for each in named if each.get("name")}
        return made

    def nodes(self) -> dict[str, dict[str, Any]]:
        """With all SQL that is there, whichever file has it."""
        sql: dict[str, Any] = {str(each.get("unique_id")): each.get("compiled_code") for each in self.results}
        sql = {**self.batches, **{name: code for name, code in sql.items() if isinstance(code, str)}}
        return {
            name: node if node.get("compiled_code") or name not in sql else {**node, "compiled_code": sql[name]}
            for name, node in all_nodes(self.manifest).items()
        }

    def beside(
        self, first_line: Callable[[Mapping[str, Any]], str | None], batch: Callable[[Mapping[str, Any]], str | None]
    ) -> Artifacts:
        """With what is in the files of the project: the first line of a seed, the SQL of a batch."""
        nodes = all_nodes(self.manifest)
        seeds = {name: first_line(node) for name, node in nodes.items() if node.get("resource_type") == "seed"}
        batches = {name: batch(node) for name, node in nodes.items() if _is_in_batches(node)}
        return self._replace(
            seeds={name: seed_columns(nodes[name], line) for name, line in seeds.items() if line},
            batches={name: sql for name, sql in batches.items() if sql},
        )


def _is_in_batches(node: Mapping[str, Any]) -> bool:
    return mapping(node.get("config")).get("incremental_strategy") == "microbatch" and not node.get("compiled_code")


def _matches(node: Mapping[str, Any], patterns: Iterable[str]) -> bool:
    """`tag:` and a tag, or the name of a package or of a node, in which * stands for anything."""
    named = [str(node.get(key) or "") for key in ("unique_id", "package_name")]
    tags = texts(node.get("tags"))
    return any(
        pattern[4:] in tags
        if pattern.startswith("tag:")
        else any(fnmatchcase(name, _escaped(pattern)) for name in named)
        for pattern in patterns
    )


def _escaped(pattern: str) -> str:
    """Only the star is more than it is."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _object(payload: bytes | None, name: str, where: str) -> dict[str, Any]:
    if payload is None:
        return {}
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise ArtifactsError(where, f"{name} is not JSON ({error}): was dbt stopped while it wrote it?") from error
    if not isinstance(found, dict):
        raise ArtifactsError(where, f"{name} is none of dbt's: expected an object")
    return found


def _check_version(manifest: Mapping[str, Any], where: str) -> None:
    url = str(mapping(manifest.get("metadata")).get("dbt_schema_version") or "")
    number = url.rpartition("/v")[2].removesuffix(".json")
    if not isinstance(manifest.get("nodes"), dict) or not number.isdigit():
        raise ArtifactsError(where, f"{MANIFEST} is none of dbt's: it has no nodes, or no version")
    stated = mapping(manifest.get("metadata")).get("generated_at")
    try:
        instant(stated if isinstance(stated, str) else None, "generated_at")
    except RejectedError as error:
        raise ArtifactsError(where, f"{MANIFEST} does not say when it was written: {error.reason}") from error
    if int(number) < OLDEST:
        raise ArtifactsError(where, f"{MANIFEST} is of version {number}: dbt 1.6 and later write {OLDEST} or more")
