"""Files of a bucket: on moto's server, and on one that answers as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from airflow_provider_catalog.errors import TargetUnavailable
from airflow_provider_catalog.targets.files import s3
from airflow_provider_catalog.targets.files.storage import MOST_LISTED, File, NotRead
from tests.targets.files.conftest import Bucket

Answers = Callable[..., s3.S3]


def test_the_end_of_a_file_and_a_part_of_it_are_all_that_is_sent(bucket: Bucket) -> None:
    bucket.put("a/b", bytes(range(256)) * 1000)
    lake = s3.S3(bucket.client, "lake")
    tail = lake.tail("a/b", 100)
    assert tail
    assert (len(tail.data), tail.data[-1], tail.file.size) == (100, 255, 256_000)
    assert lake.piece(tail.file, 10, 5) == bytes([10, 11, 12, 13, 14])
    assert bucket.calls == {"GetObject": 2}


def test_a_short_file_is_sent_whole_and_an_empty_one_or_none_is_nothing(bucket: Bucket) -> None:
    bucket.put("short", b"PAR1")
    bucket.put("empty", b"")
    lake = s3.S3(bucket.client, "lake")
    tail = lake.tail("short", 100)
    assert tail
    assert (tail.data, tail.file.size) == (b"PAR1", 4)
    assert lake.tail("none", 100) is None
    empty = lake.tail("empty", 100)
    assert empty is None or empty.data == b""


def test_a_file_that_is_replaced_while_it_is_read_is_not_mixed_up(bucket: Bucket) -> None:
    bucket.put("a", b"0123456789")
    lake = s3.S3(bucket.client, "lake")
    tail = lake.tail("a", 4)
    bucket.put("a", b"abcdefghij")
    assert tail
    with pytest.raises(NotRead, match="changed while it was read") as error:
        lake.piece(tail.file, 0, 3)
    assert error.value.retryable
    bucket.client.delete_object(Bucket="lake", Key="a")
    with pytest.raises(NotRead, match="went while it was read"):
        lake.piece(tail.file, 0, 3)


def test_a_folder_has_files_and_folders_of_any_name(bucket: Bucket) -> None:
    for key in ("t/", "t/a b+c&d=%C3", "t/dt=2026-01-01/x", "t/dt=2026-01-01/y", "t/ü/z", "tt/other"):
        bucket.put(key, b"x" * 20)
    found = s3.S3(bucket.client, "lake").listing("t")
    assert [(file.path, file.name, file.size) for file in found.files] == [("t/a b+c&d=%C3", "a b+c&d=%C3", 20)]
    assert found.folders == ("dt=2026-01-01", "ü")
    tail = s3.S3(bucket.client, "lake").tail("t/a b+c&d=%C3", 10)
    assert tail
    assert tail.file == found.files[0]


def test_of_a_folder_of_many_only_the_first_pages_are_listed(bucket: Bucket) -> None:
    """Of ten names each, here."""

    def of_ten(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "MaxKeys": 10}

    bucket.on("provide-client-params.s3.ListObjectsV2", of_ten)
    for number in range(35):
        bucket.put(f"t/{number:02d}")
    found = s3.S3(bucket.client, "lake").listing("t")
    assert [file.name for file in found.files] == [f"{number:02d}" for number in range(30)]
    assert bucket.calls == {"ListObjectsV2": MOST_LISTED // 1000}


@pytest.fixture
def answers(elsewhere: pytest.MonkeyPatch) -> Iterator[Answers]:
    """A server that gives one answer to all."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes, headers: dict[str, str] | None = None, *, says: int | None = None) -> s3.S3:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": str(says or len(body)), **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quietly."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.05,), daemon=True).start()
        elsewhere.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{servers[-1].server_port}")
        return s3.S3(s3.client(), "lake")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def refusal(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()


@pytest.mark.parametrize(
    ("status", "code", "reason", "retryable"),
    [
        (
            403,
            "AccessDenied",
            "allow s3:GetObject on the files of lake, and s3:ListBucket on it, to the role",
            False,
        ),
        (403, "InvalidObjectState", "s3://lake/a: InvalidObjectState: so it is", False),
        (404, "NoSuchBucket", "s3://lake/a: NoSuchBucket: so it is", False),
        (400, "KMS.DisabledException", "KMS.DisabledException: so it is", False),
        (500, "InternalError", "InternalError", True),
        (503, "SlowDown", "SlowDown", True),
    ],
)
def test_a_file_that_is_refused_is_refused_alone(
    answers: Answers, status: int, code: str, reason: str, retryable: bool
) -> None:
    with pytest.raises(NotRead, match=reason) as error:
        answers(status, refusal(code)).tail("a", 100)
    assert error.value.retryable is retryable


def test_a_bucket_that_may_not_be_listed_says_so(answers: Answers) -> None:
    with pytest.raises(NotRead, match="allow s3:ListBucket on lake to the role in use: s3://lake/a/:"):
        answers(403, refusal("AccessDenied")).listing("a")


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch"])
def test_who_is_not_known_reads_nothing_at_all(answers: Answers, code: str) -> None:
    with pytest.raises(TargetUnavailable, match=f"{code}: so it is"):
        answers(403, refusal(code)).tail("a", 100)


def test_where_nobody_answers_nothing_can_be_read(elsewhere: pytest.MonkeyPatch) -> None:
    elsewhere.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(TargetUnavailable, match="EndpointConnectionError"):
        s3.S3(s3.client(), "lake").tail("a", 100)


def test_without_credentials_nothing_can_be_read(elsewhere: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        elsewhere.delenv(name)
    elsewhere.setenv("AWS_EC2_METADATA_DISABLED", "true")
    elsewhere.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    elsewhere.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(TargetUnavailable, match="NoCredentialsError"):
        s3.S3(s3.client(), "lake").tail("a", 100)


@pytest.mark.parametrize("bucket_name", ["no bucket", "a/b", "x" * 300])
def test_a_name_that_no_bucket_has_is_refused_alone(elsewhere: pytest.MonkeyPatch, bucket_name: str) -> None:
    with pytest.raises(NotRead):
        s3.S3(s3.client(), bucket_name).tail("a", 100)


def test_a_storage_that_sends_more_than_is_asked_for_is_not_listened_to(answers: Answers) -> None:
    with pytest.raises(NotRead, match="does not send parts of files"):
        answers(200, b"x" * 1000).tail("a", 100)


@pytest.mark.parametrize("size", [50, 0])
def test_an_answer_that_breaks_off_is_asked_for_again_later(answers: Answers, size: int) -> None:
    with pytest.raises(NotRead) as error:
        answers(206, b"x" * size, {"Content-Range": "bytes 0-99/100"}, says=100).tail("a", 100)
    assert error.value.retryable


def test_an_answer_without_a_time_or_a_size_is_taken_as_it_is(answers: Answers) -> None:
    tail = answers(200, b"abc").tail("a", 100)
    assert tail
    assert (tail.file, tail.data) == (File("a", 3, 0, ""), b"abc")
