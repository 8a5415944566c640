"""Which file tells of a folder: on files of this host, whose times the tests set."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from airflow_provider_catalog.targets.files.finding import Found, may_tell, newest
from airflow_provider_catalog.targets.files.local import Local
from airflow_provider_catalog.targets.files.storage import Listing, NotRead

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Files as they are named, each a second newer than the one before."""

    def write(*names: str, content: bytes = b"PAR1 and so on PAR1") -> None:
        for at, name in enumerate(names):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (at, at))

    return write


def told(folder: Path) -> str | None:
    file = newest(Local(), str(folder)).file
    return file and str(Path(file.path).relative_to(folder))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["b.parquet", "a.parquet"], "a.parquet"),
        (["a.parquet", "_SUCCESS", ".a.parquet.crc", "_common_metadata", "b.csv", "c.parquet.tmp"], "a.parquet"),
        (["a.PARQ", "000000_0"], "a.PARQ"),
        (["000000_0", "000001_0", "x.csv"], "000001_0"),
        (["dt=2026-01-02/a.parquet", "dt=2026-01-10/a.parquet", "dt=2025-12-31/b.parquet"], "dt=2026-01-10/a.parquet"),
        (["y=2026/m=9/a.parquet", "y=2026/m=10/a.parquet", "y=2025/m=12/a.parquet"], "y=2026/m=10/a.parquet"),
        (["2025/12/a.parquet", "2026/01/a.parquet"], "2026/01/a.parquet"),
        (["dt=1/a.parquet", "dt=__HIVE_DEFAULT_PARTITION__/a.parquet"], "dt=1/a.parquet"),
        (["dt=1/a.parquet", "dt=2/_temporary/0/a.parquet"], "dt=1/a.parquet"),
        (["orders/a.parquet", "customers/a.parquet"], None),
        (["_temporary/0/a.parquet"], None),
        (["a.parquet", "_delta_log/0.json"], None),
        (["data/dt=1/a.parquet", "metadata/v1.json"], None),
        (["dt=1/a.parquet", ".hoodie/hoodie.properties"], None),
        (["a/b/c=1/d.parquet"], None),
        (["a=1/b=1/c=1/d=1/e=1/f=1/g=1/h=1/i=1/x.parquet"], None),
    ],
)
def test_the_newest_file_of_the_newest_partition_tells(
    tmp_path: Path, write: Write, names: list[str], expected: str | None
) -> None:
    write(*names)
    assert told(tmp_path) == expected


@pytest.mark.parametrize(
    ("names", "there"),
    [
        ([], False),
        (["_temporary/0/a.parquet", "_SUCCESS"], False),
        (["dt=1/_temporary/a.parquet"], False),
        (["a.csv"], True),
        (["dt=1/a.csv"], True),
        (["orders/a.parquet"], True),
    ],
)
def test_what_is_there_without_telling_is_not_awaited(
    tmp_path: Path, write: Write, names: list[str], there: bool
) -> None:
    write(*names)
    assert newest(Local(), str(tmp_path)) == Found(None, there)


def test_marks_of_folders_are_no_files(tmp_path: Path, write: Write) -> None:
    write("orders_$folder$", "part", content=b"")
    assert newest(Local(), str(tmp_path)) == Found(None, there=False)


@pytest.mark.parametrize(
    ("path", "looked_at"),
    [
        ("sales/orders", True),
        ("sales/orders/dt=2026-01-01/part-0.snappy.parquet", True),
        ("/", False),
        ("", False),
        ("sales/orders.csv", False),
        ("sales/orders.json.gz", False),
        ("sales/*.parquet", False),
        ("sales/{a,b}.parquet", False),
        ("sales/_SUCCESS", False),
        ("sales/.hidden.parquet", False),
    ],
)
def test_by_its_name_alone_a_path_is_worth_a_look_or_not(path: str, looked_at: bool) -> None:
    assert may_tell(path) is looked_at


def test_what_is_not_there_is_an_empty_folder_and_no_file(tmp_path: Path, write: Write) -> None:
    write("a.parquet")
    for path in ("none", "a.parquet", "a.parquet/below"):
        assert Local().listing(str(tmp_path / path)) == Listing()
    for path in ("none", "a.parquet/below", "."):
        assert Local().tail(str(tmp_path / path), 100) is None


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.parquet")
    said: list[str] = []

    def read() -> None:
        with pytest.raises(NotRead, match="no ordinary file") as error:
            Local().tail(str(tmp_path / "a.parquet"), 100)
        said.append(error.value.reason)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(60)
    assert said
    assert Local().listing(str(tmp_path)).files == ()


@pytest.mark.parametrize("path", ["/etc/\0", "/" + "x" * 5000])
def test_what_no_path_can_be_is_refused(path: str) -> None:
    for look in (Local().listing, lambda path: Local().tail(path, 100)):
        with pytest.raises(NotRead):
            look(path)


def test_a_part_is_of_the_file_that_was_looked_at(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "a.parquet"
    write("a.parquet", content=b"0123456789")
    tail = Local().tail(str(path), 4)
    assert tail
    assert (tail.data, tail.file.size, tail.file.modified) == (b"6789", 10, 0)
    assert Local().piece(tail.file, 2, 3) == b"234"
    path.write_bytes(b"another")
    with pytest.raises(NotRead, match="changed while it was read") as error:
        Local().piece(tail.file, 2, 3)
    assert error.value.retryable
