"""Operators of the amazon provider that say where data is in fields whose names do not tell it, and what else they have
in memory that says so: the region and the account that their hook was told.

A field is named with the part of it that is wanted: what else is in there may be anything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_catalog.capture.connections import connection_record, looked_up
from airflow_provider_catalog.capture.text import Bounds, class_path
from airflow_provider_catalog.model.record import ConnectionRecord

AMAZON = "airflow.providers.amazon.aws."
_PROVIDERS = "airflow.providers."
_REGION = "region_name"
_ACCOUNT = re.compile(r"arn:[\w-]{1,20}:iam::(\d{12}):")
_AWS = ("aws_conn_id", "source_aws_conn_id")

_COPY = ("source_bucket_name", "dest_bucket_name")
_OBJECT = ("s3_bucket", "s3_key")
_TABLE = (_REGION, "catalog_id", "database_name", "table_name")
_CRAWLER = (_REGION, "config.Name", "config.DatabaseName", "config.Targets")
_EMR_JOB = (_REGION, "execution_role_arn", "job_driver", "configuration_overrides.applicationConfiguration")
_DATA_API = tuple(f"redshift_data_api_kwargs.{key}" for key in ("database", "cluster_identifier", "workgroup_name"))
_JOB_KEYS = ("CodeGenConfigurationNodes", "DefaultArguments", "NonOverridableArguments", "Connections")
_TRANSFORM = ("TransformInput", "TransformOutput")

NEEDED: Mapping[str, tuple[str, ...]] = {
    "operators.athena.AthenaOperator": (
        *(_REGION, "catalog", "database", "output_location"),
        *("query_execution_context.Database", "result_configuration.OutputLocation"),
    ),
    "operators.bedrock.BedrockBatchInferenceOperator": ("input_uri", "output_uri"),
    "operators.bedrock.BedrockCustomizeModelOperator": (*("training_data_config.s3Uri", "output_data_config.s3Uri"),),
    "operators.comprehend.ComprehendCreateDocumentClassifierOperator": (
        *("input_data_config.S3Uri", "output_data_config.S3Uri"),
    ),
    "operators.comprehend.ComprehendStartPiiEntitiesDetectionJobOperator": (
        *("input_data_config.S3Uri", "output_data_config.S3Uri"),
    ),
    "operators.datasync.DataSyncOperator": ("source_location_uri", "destination_location_uri"),
    "operators.emr.EmrAddStepsOperator": (_REGION, "execution_role_arn", "steps"),
    "operators.emr.EmrContainerOperator": _EMR_JOB,
    "operators.emr.EmrCreateJobFlowOperator": (
        *(_REGION, "job_flow_overrides.Steps", "job_flow_overrides.Configurations"),
    ),
    "operators.emr.EmrServerlessStartJobOperator": _EMR_JOB,
    "operators.glue.GlueDataQualityRuleRecommendationRunOperator": (_REGION, "datasource"),
    "operators.glue.GlueDataQualityRuleSetEvaluationRunOperator": (
        *(_REGION, "datasource", "rule_set_names", "rule_set_evaluation_run_kwargs.AdditionalDataSources"),
        *("verify_result_status", "wait_for_completion", "deferrable"),
    ),
    "operators.glue.GlueJobOperator": (
        *(_REGION, "job_name", "script_location", "script_args", "iam_role_arn", "update_config"),
        *(f"create_job_kwargs.{key}" for key in _JOB_KEYS),
    ),
    "operators.glue_catalog.GlueCatalogBatchDeletePartitionOperator": _TABLE,
    "operators.glue_catalog.GlueCatalogCreateDatabaseOperator": (
        *(_REGION, "catalog_id", "database_name", "location_uri"),
    ),
    "operators.glue_catalog.GlueCatalogCreatePartitionOperator": (
        *_TABLE,
        "partition_input.StorageDescriptor.Location",
    ),
    "operators.glue_catalog.GlueCatalogCreateTableOperator": (*_TABLE, "table_input", "if_exists"),
    "operators.glue_catalog.GlueCatalogDeleteDatabaseOperator": (_REGION, "catalog_id", "database_name"),
    "operators.glue_catalog.GlueCatalogDeleteTableOperator": _TABLE,
    "operators.glue_crawler.GlueCrawlerCreateOperator": _CRAWLER,
    "operators.glue_crawler.GlueCrawlerOperator": _CRAWLER,
    "operators.glue_crawler.GlueCrawlerRunOperator": (_REGION, "crawler_name"),
    "operators.glue_crawler.GlueCrawlerUpdateOperator": _CRAWLER,
    "operators.neptune_analytics.NeptuneCreateGraphWithImportOperator": ("source",),
    "operators.neptune_analytics.NeptuneStartImportTaskOperator": ("source",),
    "operators.rds.RdsStartExportTaskOperator": ("s3_bucket_name", "s3_prefix"),
    "operators.redshift_data.RedshiftDataOperator": (_REGION, "database", "cluster_identifier", "workgroup_name"),
    "operators.s3.S3CopyObjectOperator": ("source_bucket_key", "dest_bucket_key", *_COPY),
    "operators.s3.S3CopyPrefixOperator": ("source_bucket_prefix", "dest_bucket_prefix", *_COPY),
    "operators.s3.S3CreateObjectOperator": _OBJECT,
    "operators.s3.S3DeleteObjectsOperator": ("bucket", "keys", "prefix", "from_datetime", "to_datetime"),
    "operators.s3.S3FileTransformOperator": ("source_s3_key", "dest_s3_key"),
    "operators.s3.S3ReadObjectOperator": _OBJECT,
    "operators.sagemaker.SageMakerAutoMLOperator": ("s3_input", "s3_output"),
    "operators.sagemaker.SageMakerProcessingOperator": ("config.ProcessingInputs", "config.ProcessingOutputConfig"),
    "operators.sagemaker.SageMakerTrainingOperator": ("config.InputDataConfig", "config.OutputDataConfig"),
    "operators.sagemaker.SageMakerTransformOperator": (
        *(f"config.{key}" for key in _TRANSFORM),
        *(f"config.Transform.{key}" for key in _TRANSFORM),
    ),
    "transfers.azure_blob_to_s3.AzureBlobStorageToS3Operator": (
        *("container_name", "prefix", "dest_s3_key", "wasb_conn_id"),
    ),
    "transfers.dynamodb_to_s3.DynamoDBToS3Operator": (
        *(_REGION, "dynamodb_table_name", "s3_bucket_name", "s3_key_prefix"),
    ),
    "transfers.exasol_to_s3.ExasolToS3Operator": ("query_or_table", "bucket_name", "key", "exasol_conn_id"),
    "transfers.ftp_to_s3.FTPToS3Operator": (*_OBJECT, "ftp_path", "ftp_filenames", "ftp_conn_id"),
    "transfers.gcs_to_s3.GCSToS3Operator": ("gcs_bucket", "prefix", "dest_s3_key"),
    "transfers.hive_to_dynamodb.HiveToDynamoDBOperator": (_REGION, "table_name"),
    "transfers.http_to_s3.HttpToS3Operator": (*_OBJECT, "endpoint", "http_conn_id"),
    "transfers.mongo_to_s3.MongoToS3Operator": (*_OBJECT, "mongo_db", "mongo_collection", "mongo_conn_id"),
    "transfers.redshift_to_s3.RedshiftToS3Operator": _DATA_API,
    "transfers.s3_to_dynamodb.S3ToDynamoDBOperator": (*_OBJECT, _REGION, "dynamodb_table_name"),
    "transfers.s3_to_ftp.S3ToFTPOperator": (*_OBJECT, "s3_filenames", "ftp_path", "ftp_filenames", "ftp_conn_id"),
    "transfers.s3_to_redshift.S3ToRedshiftOperator": _DATA_API,
    "transfers.s3_to_sftp.S3ToSFTPOperator": (
        *(*_OBJECT, "s3_filenames", "sftp_path", "sftp_filenames", "sftp_conn_id", "sftp_remote_host"),
    ),
    "transfers.s3_to_sql.S3ToSqlOperator": _OBJECT,
    "transfers.sftp_to_s3.SFTPToS3Operator": (
        *(*_OBJECT, "sftp_path", "sftp_filenames", "sftp_conn_id", "sftp_remote_host"),
    ),
}
"""Without the name of the provider. A field that names a connection brings that with it."""

SELF_TOLD: Mapping[str, str] = {
    "operators.s3.S3CopyObjectOperator": "",
    "operators.s3.S3CopyPrefixOperator": "",
    "operators.s3.S3CreateObjectOperator": "",
    "operators.s3.S3FileTransformOperator": "",
    "operators.s3.S3ReadObjectOperator": "",
    "operators.sagemaker.SageMakerProcessingOperator": "serialized_job",
    "operators.sagemaker.SageMakerTrainingOperator": "serialized_training_data",
}
"""Those whose own OpenLineage methods look at nothing but what is in memory, with what must be there for that."""


def bases(task: Any) -> list[str]:
    """Classes of providers that an operator of somebody else's making is made of, the nearest first."""
    if type(task).__module__.startswith(_PROVIDERS):
        return []
    made_of = (f"{each.__module__}.{each.__qualname__}" for each in type(task).__mro__)
    return [path for path in made_of if path.startswith(_PROVIDERS)][:10]


def tells_itself(task: Any) -> bool:
    path = class_path(task)
    needed = SELF_TOLD.get(path.removeprefix(AMAZON)) if path.startswith(AMAZON) else None
    return needed is not None and (not needed or hasattr(task, needed))


def fields(task: Any, bounds: Bounds, *, look_up: bool) -> dict[str, Any]:
    """`look_up`: whether there is time to ask Airflow for a connection."""
    found: dict[str, Any] = {}
    for name in _names(task):
        value = _part(task, *name.split("."))
        if value not in (None, "", [], {}):
            _put(found, bounds.of(value), *name.split("."))
    if _REGION in _names(task):
        found |= _place(task, look_up=look_up)
    return found


def connections(task: Any, known: Iterable[str]) -> dict[str, ConnectionRecord]:
    """Those of its fields that nothing else has told of."""
    named = {getattr(task, name, None) for name in _names(task) if name.endswith("conn_id")}
    wanted = sorted(each for each in named if isinstance(each, str) and each and each not in set(known))
    looked = {conn_id: looked_up(conn_id) for conn_id in wanted}
    return {conn_id: connection_record(each) for conn_id, each in looked.items() if each is not None}


def _names(task: Any) -> tuple[str, ...]:
    paths = (path.removeprefix(AMAZON) for path in (class_path(task), *bases(task)) if path.startswith(AMAZON))
    return next((NEEDED[path] for path in paths if path in NEEDED), ())


def _part(task: Any, field: str, *keys: str) -> Any:
    value = getattr(task, field, None)
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _put(found: dict[str, Any], value: Any, *keys: str) -> None:
    for key in keys[:-1]:
        found = found.setdefault(key, {})
    found[keys[-1]] = value


def _place(task: Any, *, look_up: bool) -> dict[str, str]:
    """By the same precedence as the hook's: what the operator says, its connection, boto3's own default."""
    told = getattr(task, _REGION, None)
    config = getattr(vars(task).get("hook"), "__dict__", {}).get("conn_config")
    extra = _extra(task) if config is None and look_up and not told else {}
    region = told or getattr(config, _REGION, None) or extra.get(_REGION) or os.environ.get("AWS_DEFAULT_REGION")
    role = _ACCOUNT.match(str(getattr(config, "role_arn", None) or extra.get("role_arn")))
    place = {_REGION: region} if isinstance(region, str) and region else {}
    return place | ({"account_id": role[1]} if role else {})


def _extra(task: Any) -> Mapping[str, Any]:
    conn_id = next((each for name in _AWS if isinstance(each := getattr(task, name, None), str) and each), None)
    extra = getattr(looked_up(conn_id), "extra_dejson", None) if conn_id else None
    return extra if isinstance(extra, Mapping) else {}
