"""Files that tasks wrote without a word become columns of the catalog, and of Glue: on moto's S3, each call counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.errors import TargetUnavailable
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.facts import resolve
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.rebuild import rebuild
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.files.target import Files
from airflow_provider_catalog.targets.glue.mapping import GlueMapping
from airflow_provider_catalog.targets.glue.target import Glue
from airflow_provider_catalog.targets.loading import load
from airflow_provider_catalog.worker.merge import Merger
from airflow_provider_catalog.worker.publish import Published, Publisher
from tests.glue.server import GlueServer
from tests.services.world import DAY, START, World
from tests.targets.files.arrow import parquet
from tests.targets.files.conftest import Bucket
from tests.targets.files.footers import file_of, footer
from tests.worker.saying import envelope

RULES = [{"match": "s3://lake/{database}/{table}"}]
TODAY = (now() - START) / DAY


def lake(path: str) -> DatasetId:
    return DatasetId("s3://lake", path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    yield opened
    opened.close()


@pytest.fixture
def world(store: SqlStore) -> World:
    return World(store)


def told(store: SqlStore, target: Files) -> Published:
    """Until it has nothing more to say."""
    total = Published()
    while (done := Publisher(store, target).once()).published or done.refused:
        total = total.plus(done)
        Merger(store).drain()
    return total


@pytest.fixture
def files(bucket: Bucket) -> Files:
    return Files(lambda: bucket.client)


def columns(store: SqlStore, dataset: DatasetId) -> dict[str, str]:
    found = resolve(store.facts([dataset.uid])).get("schema")
    value: Any = found.value if found else {"fields": []}
    return {each["name"]: each["type"] for each in value["fields"]}


def reason(store: SqlStore) -> str:
    (refused,) = store.outbox.refused("files")
    return refused.reason


@pytest.mark.parametrize(
    ("written", "key", "calls"),
    [
        ("sales/orders/dt=2026-01-01/part-0.parquet", "sales/orders/dt=2026-01-01/part-0.parquet", {"GetObject": 1}),
        ("sales/orders/dt=2026-01-01", "sales/orders/dt=2026-01-01/0.parquet", {"ListObjectsV2": 1, "GetObject": 1}),
        ("sales/orders", "sales/orders/y=2026/m=01/0.parquet", {"ListObjectsV2": 3, "GetObject": 1}),
        ("sales/orders.parquet", "sales/orders.parquet/part-0", {"ListObjectsV2": 1, "GetObject": 2}),
        ("sales/000000_0", "sales/000000_0", {"ListObjectsV2": 1, "GetObject": 1}),
    ],
)
def test_a_file_that_was_written_without_a_word_tells_its_columns(
    store: SqlStore, world: World, bucket: Bucket, files: Files, written: str, key: str, calls: dict[str, int]
) -> None:
    bucket.put(key, parquet(id="int64", name="string"))
    world.ran("etl.write", writes=[lake(written)])
    Publisher(store, files).once()
    assert bucket.calls == calls
    Merger(store).drain()
    assert columns(store, lake(written)) == {"id": "bigint", "name": "string"}
    facts = resolve(store.facts([lake(written).uid]))
    storage: Any = facts["storage"].value
    footer_: Any = facts["facet:parquetFooter"].value
    assert (storage["storageLayer"], storage["fileFormat"]) == ("s3", "parquet")
    assert (footer_["path"], footer_["bytes"]) == (key, len(parquet(id="int64", name="string")))
    assert {facts[aspect].said.producer for aspect in ("schema", "storage", "facet:parquetFooter")} == {"files"}


def test_what_was_read_before_is_not_read_again(store: SqlStore, world: World, bucket: Bucket, files: Files) -> None:
    bucket.put("t/a.parquet", parquet(id="int64"))
    world.ran("etl.write", writes=[lake("t")])
    told(store, files)
    bucket.calls.clear()
    accepted = store.status().accepted
    store.outbox.forget("files")
    told(store, files)
    assert (bucket.calls, store.status().accepted) == ({"ListObjectsV2": 1}, accepted)
    bucket.put("t/b.parquet", parquet(id="int64"))
    store.outbox.forget("files")
    told(store, files)
    assert (bucket.calls, store.status().accepted) == ({"ListObjectsV2": 1, "GetObject": 1}, accepted)


def test_a_schema_that_changes_and_comes_back_is_followed(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    """All within a second, which is as well as S3 knows when."""
    world.ran("etl.write", writes=[lake("t/a.parquet")])
    for kinds in ({"id": "int32"}, {"id": "int64"}, {"id": "int32"}):
        bucket.put("t/a.parquet", parquet(**kinds))
        store.outbox.forget("files")
        told(store, files)
        assert columns(store, lake("t/a.parquet")) == {"id": {"int32": "int", "int64": "bigint"}[kinds["id"]]}
    assert len(store.history(lake("t/a.parquet").uid, "schema")) == 3


def test_who_tells_the_columns_is_believed_and_our_word_is_taken_back(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    bucket.put("t/a.parquet", parquet(id="int64"))
    world.ran("etl.write", writes=[lake("t/a.parquet")])
    told(store, files)
    theirs: Any = {"fields": [{"name": "id", "type": "long", "description": "the number on the bill"}]}
    world.said(lake("t/a.parquet"), "schema", theirs, producer="spark")
    assert columns(store, lake("t/a.parquet")) == {"id": "bigint"}
    bucket.calls.clear()
    told(store, files)
    assert (columns(store, lake("t/a.parquet")), bucket.calls) == ({"id": "long"}, {})
    world.said(lake("t/a.parquet"), "schema", None, producer="spark", at=2)
    told(store, files)
    assert columns(store, lake("t/a.parquet")) == {"id": "bigint"}


def test_what_nobody_wrote_is_gone_or_is_another_format_is_not_looked_at(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    world.ran("etl.read", reads=[lake("read")], writes=[lake("gone"), lake("a.csv"), lake("x/*.parquet"), lake("/")])
    world.ran("etl.other", writes=["orders", DatasetId("gs://lake", "t"), DatasetId("s3://lake:9000", "t")])
    world.said(lake("gone"), "existence", value=False, at=3)
    assert told(store, files).refused == 0
    assert bucket.calls == {}


def test_other_formats_and_tables_with_schemas_of_their_own_are_left_alone(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    bucket.put("raw/a.csv", b"id,name\n1,Ann\n")
    bucket.put("text/part-0", b"not as short as it might be")
    bucket.put("delta/part-0.parquet", parquet(id="int64"))
    bucket.put("delta/_delta_log/0.json", b"{}")
    world.ran("etl.write", writes=[lake("raw"), lake("text"), lake("delta")], at=TODAY)
    assert told(store, files).refused == 0
    assert store.status().accepted == 0


def test_what_is_not_there_yet_is_awaited_for_a_day(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    world.ran("etl.once", writes=[lake("long/ago")])
    world.ran("etl.soon", writes=[lake("soon")], at=TODAY)
    told(store, files)
    (refused,) = store.outbox.refused("files")
    assert (refused.node, refused.reason) == (lake("soon").uid, "nothing is there yet")
    assert refused.not_before
    bucket.put("soon/a.parquet", parquet(id="int64"))
    store.outbox.retry()
    told(store, files)
    assert (columns(store, lake("soon")), store.outbox.refused()) == ({"id": "bigint"}, [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"this is not one", "it is no Parquet file"),
        (parquet(id="int64")[:-6], "it is no Parquet file"),
        (file_of(footer(["optional", "a", {"1": 1}]), magic=b"PARE"), "its footer is encrypted"),
        (b"PAR1" + (2**31).to_bytes(4, "little") + b"PAR1", "its footer is said to take 2,147,483,648 bytes"),
        (file_of(b"\xff" * 100), "its footer cannot be read"),
        (file_of(footer(["optional", "a", {"1": 1, "5": 10**9}])), "ends in the middle"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason_and_holds_up_no_other(
    store: SqlStore, world: World, bucket: Bucket, files: Files, content: bytes, expected: str
) -> None:
    bucket.put("bad.parquet", content)
    bucket.put("good.parquet", parquet(id="int64"))
    world.ran("etl.write", writes=[lake("bad.parquet"), lake("good.parquet")])
    told(store, files)
    assert columns(store, lake("good.parquet")) == {"id": "bigint"}
    assert expected in reason(store)


def test_of_a_long_footer_no_more_is_read_than_its_schema_may_take(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    """As of a file with very many row groups: its footer has 3 MB, at the end of 4."""
    long = footer(["optional", "a", {"1": 1}], ["optional", "b", {"1": 2}], after=b"\x0c" * 3_000_000)
    bucket.put("t.parquet", file_of(long, before=b"data" * 250_000))
    world.ran("etl.write", writes=[lake("t.parquet")])
    told(store, files)
    assert columns(store, lake("t.parquet")) == {"a": "int", "b": "bigint"}


def test_a_long_footer_of_many_columns_takes_two_reads(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    bucket.put("t.parquet", parquet(**{f"column_{number}": "int64" for number in range(3000)}))
    world.ran("etl.write", writes=[lake("t.parquet")])
    Publisher(store, files).once()
    Merger(store).drain()
    assert bucket.calls == {"GetObject": 2}
    assert len(columns(store, lake("t.parquet"))) == 3000


def test_names_of_columns_are_kept_whatever_they_say(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    names = ["", "a.b", "it's; <b>", "password=hunter2", "zero\0byte", "ü世😀", "a:int,b:int>"]
    bucket.put("t.parquet", file_of(footer(*[["optional", name, {"1": 1}] for name in names])))
    world.ran("etl.write", writes=[lake("t.parquet")])
    assert told(store, files).refused == 0
    assert list(columns(store, lake("t.parquet"))) == [name.replace("\0", "\ufffd") for name in names]
    accepted = store.status().accepted
    bucket.put("t.parquet", file_of(footer(*[["optional", name, {"1": 1}] for name in names]), before=b"x"))
    store.outbox.forget("files")
    told(store, files)
    assert store.status().accepted == accepted


def test_where_nothing_answers_the_target_is_down(store: SqlStore, world: World, bucket: Bucket) -> None:
    bucket.on("before-send.s3", _refuses)
    world.ran("etl.write", writes=[lake(f"t{number}.parquet") for number in range(100)])
    with pytest.raises(TargetUnavailable, match="ConnectTimeoutError"):
        Publisher(store, Files(lambda: bucket.client)).once()
    assert bucket.calls["GetObject"] < 100


def _refuses(**_: Any) -> None:
    from botocore.exceptions import ConnectTimeoutError

    raise ConnectTimeoutError(endpoint_url="s3")


def test_many_datasets_cost_two_calls_each(store: SqlStore, world: World, bucket: Bucket, files: Files) -> None:
    content = parquet(id="int64")
    days = [f"sales/orders/dt=2026-01-{day:02d}" for day in range(1, 29)]
    for day in days:
        bucket.put(f"{day}/a.parquet", content)
    world.ran("etl.write", writes=[lake(day) for day in days])
    Publisher(store, files).once()
    assert bucket.calls == {"ListObjectsV2": 28, "GetObject": 28}


def test_files_of_this_host_are_read_without_aws(store: SqlStore, world: World, tmp_path: Path) -> None:
    folder = tmp_path / "orders" / "dt=2026-01-01"
    folder.mkdir(parents=True)
    (folder / "a.parquet").write_bytes(parquet(id="int64"))
    orders = DatasetId("file", str(tmp_path / "orders"))
    world.ran("etl.write", writes=[orders])

    def never() -> None:
        raise AssertionError

    told(store, Files(never))
    assert columns(store, orders) == {"id": "bigint"}


def test_the_log_holds_all_of_it_so_a_rebuild_says_the_same(store: SqlStore, bucket: Bucket, files: Files) -> None:
    """Also after the file is gone."""
    bucket.put("t/a.parquet", parquet(id="int64"))
    store.accept([envelope({"event": "", "namespace": "s3://lake", "inputs": [], "outputs": {"t": {}}}, 0)])
    Merger(store).drain()
    told(store, files)
    bucket.client.delete_object(Bucket="lake", Key="t/a.parquet")
    _, ours = store.envelopes()
    (statement,) = read(ours).statements
    assert (statement.producer, statement.job, json.loads(statement.details)) == ("files", None, {})
    assert rebuild(store, read).equal
    assert columns(store, lake("t")) == {"id": "bigint"}


def test_a_path_that_has_other_names_is_read_by_its_own(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    bucket.put("sales/orders/a.parquet", parquet(id="int64"))
    table = DatasetId("arn:aws:glue:us-east-1:123456789012", "table/sales/orders")
    symlink = {"namespace": table.namespace, "name": table.name, "type": "TABLE"}
    world.said(lake("sales/orders"), "symlinks", {"identifiers": [symlink]})
    world.ran("etl.write", writes=[lake("sales/orders")])
    told(store, files)
    assert store.entities([lake("sales/orders").uid])[lake("sales/orders").uid].node == table.uid
    assert columns(store, lake("sales/orders")) == {"id": "bigint"}


def test_the_table_of_glue_gets_the_columns_that_no_task_told(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    bucket.put("sales/orders/dt=2026-01-01/part-0.parquet", parquet(id="int64", paid="float32", dt="string"))
    world.ran("etl.write", writes=[lake("sales/orders/dt=2026-01-01/part-0.parquet")])
    with GlueServer() as server:
        glue = Glue(GlueMapping(RULES), lambda _: server.client(parameter_validation=False))
        Publisher(store, glue).once()
        told(store, files)
        assert Publisher(store, glue).once() == Published(1, 0)
        found = server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]
        server.forget()
        Publisher(store, files).once()
        Publisher(store, glue).once()
        assert server.calls["UpdateTable"] == 0
    described = found["StorageDescriptor"]
    assert {each["Name"]: each["Type"] for each in described["Columns"]} == {"id": "bigint", "paid": "float"}
    assert [each["Name"] for each in found["PartitionKeys"]] == ["dt"]
    assert "Parquet" in described["SerdeInfo"]["SerializationLibrary"]


def test_a_folder_without_an_ending_is_a_table_of_parquet_in_glue(
    store: SqlStore, world: World, bucket: Bucket, files: Files
) -> None:
    bucket.put("sales/orders/000000_0", parquet(id="int64"))
    world.ran("etl.write", writes=[lake("sales/orders")])
    told(store, files)
    with GlueServer() as server:
        Publisher(store, Glue(GlueMapping(RULES), lambda _: server.client(parameter_validation=False))).once()
        found = server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]
    assert found["Parameters"]["classification"] == "parquet"


def test_it_is_named_in_the_setting_and_does_nothing_until_it_is_told() -> None:
    files, glue = load(["files", "glue"])
    assert (files.name, glue.name) == ("files", "glue")
