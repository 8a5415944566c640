"""Operators that carry data from one place to another, each as a row: what it reads, what it writes.

The rows follow what the operators do, not what they are called. Objects that the S3 hook has uploaded it tells of
itself: a row names what only the operator knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.sources.task.aws import places
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.places import Account, Place, Unnamed, named

End: TypeAlias = Callable[[Fields], Iterator[Place]]

_NO_SERVER, _NO_PLACE = "its connection is not known", "it is no place that others could name"
_PORTS = {"ftp": 21, "sftp": 22, "http": 80, "https": 443}


class Flow(NamedTuple):
    """`paired`: of lists of files each goes to the one beside it."""

    reads: tuple[End, ...] = ()
    writes: tuple[End, ...] = ()
    paired: bool = False


def move(flow: Flow, fields: Fields, found: Findings) -> None:
    reads = [place for end in flow.reads for place in end(fields)]
    writes = [place for end in flow.writes for place in end(fields)]
    for place in reads:
        found.read(place)
    for place in writes:
        found.write(place)
    if flow.paired and len(reads) == len(writes):
        for source, target in zip(reads, writes, strict=True):
            if isinstance(source, DatasetId) and isinstance(target, DatasetId):
                found.derive(source, target)


# Ends: what a place is called, from the fields that name it


def _s3(bucket: str, key: str) -> End:
    def end(fields: Fields) -> Iterator[Place]:
        yield places.s3(fields.text(bucket), fields.text(key))

    return end


def _uri(*path: str) -> End:
    def end(fields: Fields) -> Iterator[Place]:
        for text in fields.texts(*path):
            yield places.path(text) or Unnamed((text,), _NO_PLACE)

    return end


def _dynamodb(name: str) -> End:
    def end(fields: Fields) -> Iterator[Place]:
        yield Account.of(fields).dynamodb(fields.text(name))

    return end


def _gcs(bucket: str, key: str) -> End:
    def end(fields: Fields) -> Iterator[Place]:
        if bucket_name := fields.text(bucket):
            yield named(f"gs://{bucket_name}", fields.text(key) or "/")

    return end


def _inner(listed: str, *path: str) -> End:
    """Of each object of a list, such as the inputs of a SageMaker job."""

    def end(fields: Fields) -> Iterator[Place]:
        *parents, last = listed.split(".")
        for each in fields.objects(*parents, last):
            yield from map(places.path, each.texts(*path))

    return end


def _server(fields: Fields, conn_id: str, scheme: str) -> str:
    """The namespace of a server; without a port that everybody means."""
    connection = fields.connection(conn_id)
    host = (fields.text(f"{scheme}_remote_host") or connection.text("host")).rpartition("://")[2].strip("/")
    port = connection.stated.get("port")
    usual = type(port) is not int or port == _PORTS.get(scheme) or ":" in host
    return f"{scheme}://{host if usual else f'{host}:{port}'}" if host and "/" not in host else ""


def _files(fields: Fields, folder: str, names: tuple[str, ...]) -> list[str]:
    """A file; files of a folder by their names; or the folder, of which some are taken. As the operators put paths
    together: the folder is how they begin.
    """
    start = fields.text(folder)
    listed = next((fields.texts(name) for name in names if type(fields.stated.get(name)) is list), [])
    return [f"{start}{name}" for name in listed] or [start]


def _remote(scheme: str, folder: str, *names: str) -> End:
    def end(fields: Fields) -> Iterator[Place]:
        found = [each for each in _files(fields, folder, names) if each]
        if server := _server(fields, f"{scheme}_conn_id", scheme):
            yield from (named(server, each) for each in found)
        elif found:
            yield Unnamed(tuple(found), _NO_SERVER)

    return end


def _objects(*names: str) -> End:
    def end(fields: Fields) -> Iterator[Place]:
        for each in _files(fields, "s3_key", names):
            yield places.s3(fields.text("s3_bucket"), each)

    return end


def _page(fields: Fields) -> Iterator[Place]:
    """As the HTTP hook puts its address together, without a query."""
    connection, endpoint = fields.connection("http_conn_id"), fields.text("endpoint").partition("?")[0]
    stated = connection.text("host").partition("://")
    scheme = stated[0] if stated[1] else connection.text("schema") or "http"
    host = (stated[2] if stated[1] else stated[0]).rstrip("/")
    if "://" in endpoint:
        scheme, _, rest = endpoint.partition("://")
        host, _, endpoint = rest.partition("/")
    if not host or scheme not in ("http", "https"):
        yield Unnamed((endpoint or "/",), _NO_SERVER)
        return
    server, _, base = host.partition("/")
    port = connection.stated.get("port")
    server = server if type(port) is not int or port == _PORTS[scheme] or ":" in server else f"{server}:{port}"
    yield named(f"{scheme}://{server}", "/".join(filter(None, (base, endpoint.strip("/")))) or "/")


def _collection(fields: Fields) -> Iterator[Place]:
    connection = fields.connection("mongo_conn_id")
    database = fields.text("mongo_db") or connection.text("schema")
    host, port, name = connection.text("host"), connection.stated.get("port"), fields.text("mongo_collection")
    if not host or not database:
        yield Unnamed((name,), _NO_SERVER)
    else:
        yield named(f"mongodb://{host}:{port if type(port) is int else 27017}", f"{database}.{name}")


def _container(fields: Fields) -> Iterator[Place]:
    """The account is in the address of the server."""
    host, container = fields.connection("wasb_conn_id").text("host"), fields.text("container_name")
    host = host.rpartition("://")[2].strip("/")
    if host and "/" not in host:
        yield named(f"wasbs://{container}@{host}", fields.text("prefix") or "/")
    else:
        yield Unnamed((container,), _NO_SERVER)


_OBJECT = _s3("s3_bucket", "s3_key")
_COMPREHEND = Flow((_uri("input_data_config", "S3Uri"),), (_uri("output_data_config", "S3Uri"),))
_SOURCE = ("DataSource", "S3DataSource", "S3Uri")
_PREPARED = (_uri("config", "TransformInput", *_SOURCE), _uri("config", "Transform", "TransformInput", *_SOURCE))
_SCORED = (
    *(
        _uri("config", "TransformOutput", "S3OutputPath"),
        _uri("config", "Transform", "TransformOutput", "S3OutputPath"),
    ),
)

FLOWS: dict[str, Flow] = {
    "operators.bedrock.BedrockBatchInferenceOperator": Flow((_uri("input_uri"),), (_uri("output_uri"),)),
    "operators.bedrock.BedrockCustomizeModelOperator": Flow(
        (_uri("training_data_config", "s3Uri"),), (_uri("output_data_config", "s3Uri"),)
    ),
    "operators.comprehend.ComprehendCreateDocumentClassifierOperator": _COMPREHEND,
    "operators.comprehend.ComprehendStartPiiEntitiesDetectionJobOperator": _COMPREHEND,
    "operators.datasync.DataSyncOperator": Flow((_uri("source_location_uri"),), (_uri("destination_location_uri"),)),
    "operators.neptune_analytics.NeptuneCreateGraphWithImportOperator": Flow((_uri("source"),)),
    "operators.neptune_analytics.NeptuneStartImportTaskOperator": Flow((_uri("source"),)),
    "operators.rds.RdsStartExportTaskOperator": Flow(writes=(_s3("s3_bucket_name", "s3_prefix"),)),
    "operators.s3.S3CopyObjectOperator": Flow(
        (_s3("source_bucket_name", "source_bucket_key"),), (_s3("dest_bucket_name", "dest_bucket_key"),)
    ),
    "operators.s3.S3CopyPrefixOperator": Flow(
        (_s3("source_bucket_name", "source_bucket_prefix"),), (_s3("dest_bucket_name", "dest_bucket_prefix"),)
    ),
    "operators.s3.S3CreateObjectOperator": Flow(writes=(_OBJECT,)),
    "operators.s3.S3FileTransformOperator": Flow((_uri("source_s3_key"),), (_uri("dest_s3_key"),)),
    "operators.s3.S3ReadObjectOperator": Flow((_OBJECT,)),
    "operators.sagemaker.SageMakerAutoMLOperator": Flow((_uri("s3_input"),), (_uri("s3_output"),)),
    "operators.sagemaker.SageMakerProcessingOperator": Flow(
        (_inner("config.ProcessingInputs", "S3Input", "S3Uri"),),
        (_inner("config.ProcessingOutputConfig.Outputs", "S3Output", "S3Uri"),),
    ),
    "operators.sagemaker.SageMakerTrainingOperator": Flow(
        (_inner("config.InputDataConfig", *_SOURCE),), (_uri("config", "OutputDataConfig", "S3OutputPath"),)
    ),
    "operators.sagemaker.SageMakerTransformOperator": Flow(_PREPARED, _SCORED),
    "transfers.azure_blob_to_s3.AzureBlobStorageToS3Operator": Flow((_container,), (_uri("dest_s3_key"),)),
    "transfers.dynamodb_to_s3.DynamoDBToS3Operator": Flow(
        (_dynamodb("dynamodb_table_name"),), (_s3("s3_bucket_name", "s3_key_prefix"),)
    ),
    "transfers.ftp_to_s3.FTPToS3Operator": Flow((_remote("ftp", "ftp_path", "ftp_filenames"),)),
    "transfers.gcs_to_s3.GCSToS3Operator": Flow((_gcs("gcs_bucket", "prefix"),), (_uri("dest_s3_key"),)),
    "transfers.hive_to_dynamodb.HiveToDynamoDBOperator": Flow(writes=(_dynamodb("table_name"),)),
    "transfers.http_to_s3.HttpToS3Operator": Flow((_page,), (_OBJECT,)),
    "transfers.mongo_to_s3.MongoToS3Operator": Flow((_collection,), (_OBJECT,)),
    "transfers.s3_to_dynamodb.S3ToDynamoDBOperator": Flow((_OBJECT,), (_dynamodb("dynamodb_table_name"),)),
    "transfers.s3_to_ftp.S3ToFTPOperator": Flow(
        (_objects("s3_filenames"),), (_remote("ftp", "ftp_path", "ftp_filenames", "s3_filenames"),), paired=True
    ),
    "transfers.s3_to_sftp.S3ToSFTPOperator": Flow(
        (_objects("s3_filenames"),), (_remote("sftp", "sftp_path", "sftp_filenames", "s3_filenames"),), paired=True
    ),
    "transfers.s3_to_sql.S3ToSqlOperator": Flow((_OBJECT,)),
    "transfers.sftp_to_s3.SFTPToS3Operator": Flow((_remote("sftp", "sftp_path", "sftp_filenames"),)),
}
