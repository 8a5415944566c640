"""Artifacts of dbt, brought in by a task: from a folder, from an object store, from a run of dbt Cloud."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airflow_provider_catalog.hooks.catalog import CatalogHook
from airflow_provider_catalog.links import CatalogLink

if TYPE_CHECKING:
    from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
    from airflow_provider_catalog.store.protocol import Store

_NOT_FOUND = "404"


class DbtArtifactsIngestOperator(BaseOperator):
    """Brings the artifacts of a run of dbt into the catalog: of the project what has changed since the catalog was told
    last, of the run all. Downstream of a task that ran dbt, with `trigger_rule="all_done"` also of one that failed.

    Returns the counts: `{"project", "target", "nodes", "new", "changed", "gone", "unchanged", "results", "documents"}`.
    When it ends all of it is durable, and the catalog's worker merges it.

    :param path: dbt's target folder or its project: of this host, or a URL such as `s3://bucket/target` (templated)
    :param conn_id: of the object store (templated)
    :param dbt_cloud_run_id: instead of a path a run of dbt Cloud, such as
        `{{ ti.xcom_pull("run_dbt", key="job_run_id") }}` (templated)
    :param dbt_cloud_conn_id: a connection to dbt Cloud (templated)
    :param account_id: of dbt Cloud, unless the connection says it (templated)
    :param step: of that run, counted from 1; without one its last (templated)

    Which database it was says our package in dbt, where it is installed. Else:

    :param profiles_dir: where profiles.yml is, of a path (templated)
    :param profile: unless dbt_project.yml says it (templated)
    :param target_name: of the profile, unless the run says it (templated)
    :param warehouse_conn_id: a connection of Airflow to the same database (templated)
    :param dataset_namespace: as OpenLineage has it, such as `postgres://warehouse:5432` (templated)

    :param parent_task_id: the task of this DAG run that ran dbt, or "" for none. Without it, that of which our package
        says so; else the only task before this one that is no sensor (templated)
    :param job_namespace: of dbt's jobs; without it OPENLINEAGE_NAMESPACE, else `dbt` (templated)
    :param catalog_conn_id: a connection of the type `catalog`; without it the store of the section [catalog]
    :param dry_run: count what would be sent, and send nothing
    """

    template_fields: Sequence[str] = (
        *("path", "conn_id", "dbt_cloud_run_id", "dbt_cloud_conn_id", "account_id", "step", "profiles_dir", "profile"),
        *("target_name", "warehouse_conn_id", "dataset_namespace", "parent_task_id", "job_namespace"),
        "catalog_conn_id",
    )
    operator_extra_links = (CatalogLink(),)

    def __init__(  # noqa: PLR0913  wherever artifacts may be
        self,
        *,
        path: str = "",
        conn_id: str | None = None,
        dbt_cloud_run_id: int | str | None = None,
        dbt_cloud_conn_id: str = "dbt_cloud_default",
        account_id: int | str | None = None,
        step: int | str | None = None,
        profiles_dir: str = "",
        profile: str = "",
        target_name: str = "",
        warehouse_conn_id: str | None = None,
        dataset_namespace: str = "",
        parent_task_id: str | None = None,
        job_namespace: str = "",
        catalog_conn_id: str = CatalogHook.default_conn_name,
        dry_run: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if bool(path) == (dbt_cloud_run_id is not None):
            raise ValueError("either path or dbt_cloud_run_id says where the artifacts are")
        self.path = path
        self.conn_id = conn_id
        self.dbt_cloud_run_id = dbt_cloud_run_id
        self.dbt_cloud_conn_id = dbt_cloud_conn_id
        self.account_id = account_id
        self.step = step
        self.profiles_dir = profiles_dir
        self.profile = profile
        self.target_name = target_name
        self.warehouse_conn_id = warehouse_conn_id
        self.dataset_namespace = dataset_namespace
        self.parent_task_id = parent_task_id
        self.job_namespace = job_namespace
        self.catalog_conn_id = catalog_conn_id
        self.plan_only = dry_run

    def execute(self, context: Any) -> dict[str, Any]:
        from airflow_provider_catalog.services.dbt_ingest import ingest

        found = self._artifacts()
        with closing(CatalogHook(self.catalog_conn_id).get_conn()) as store:
            done = ingest(store, found, self._told(found, context, store), dry_run=self.plan_only)
        if found.problem:
            self.log.warning("Of dbt in %s %s", self.path, found.problem)
        self.log.info("Ingested %s of dbt: %s", done.project, done.to_json())
        return done.to_json()

    # -- what it is told beside the artifacts

    def _told(self, found: Artifacts, context: Any, store: Store) -> dict[str, Any]:
        from airflow_provider_catalog.hooks.dbt_parent import parent_of
        from airflow_provider_catalog.model.dbt_results import marked
        from airflow_provider_catalog.settings import settings

        told: dict[str, Any] = {"airflow": parent_of(context, store, marked(found.run_results), self.parent_task_id)}
        named = self.job_namespace or os.environ.get("OPENLINEAGE_NAMESPACE")
        told |= {"job_namespace": named or settings(commands=False).namespace}
        return told | self._place(found)

    def _place(self, found: Artifacts) -> dict[str, Any]:
        """What the DAG says counts more than what dbt has left, and that more than what lies about."""
        from airflow_provider_catalog.hooks.dbt import place_of
        from airflow_provider_catalog.sources.dbt.folder import found_target

        if self.dataset_namespace:
            return {"dataset_namespace": self.dataset_namespace}
        if self.warehouse_conn_id:
            place = place_of(self.warehouse_conn_id)
            if not place.namespace:
                raise ValueError(f"the connection {self.warehouse_conn_id} does not say where it leads: {place.reason}")
            return {"dataset_namespace": place.namespace}
        if found.document().get("target") and not self.profiles_dir:
            return {}
        options = {"profiles_dir": self.profiles_dir, "profile": self.profile, "name": self.target_name}
        return {"target": found_target(found, os.environ, **options)} if self.path else {}

    # -- where they are

    def _artifacts(self) -> Artifacts:
        from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
        from airflow_provider_catalog.sources.dbt.folder import artifacts

        if not self.path:
            return Artifacts.of(self._from_cloud, f"run {self.dbt_cloud_run_id} of dbt Cloud")
        if "://" not in self.path:
            return artifacts(Path(self.path))
        from airflow.sdk import ObjectStoragePath

        return artifacts(ObjectStoragePath(self.path, conn_id=self.conn_id))

    def _from_cloud(self, name: str) -> bytes | None:
        """A run has not all of them: `catalog.json` is there when it has generated docs."""
        from airflow.providers.dbt.cloud.hooks.dbt import DbtCloudHook
        from airflow.sdk.exceptions import AirflowException

        hook = DbtCloudHook(self.dbt_cloud_conn_id)
        numbers = {key: int(value) if value else None for key, value in self._numbers().items()}
        try:
            response = hook.get_job_run_artifact(int(str(self.dbt_cloud_run_id)), path=name, **numbers)
        except AirflowException as error:
            if str(error).startswith(_NOT_FOUND):
                return None
            raise
        return bytes(response.content)

    def _numbers(self) -> dict[str, Any]:
        return {"account_id": self.account_id, "step": self.step}
