"""What AWS says when it does not answer, in its own words, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.model.masking import mask_text

_SHOWN = 500
_MISSING = frozenset({"EntityNotFoundException"})
_CLOSED = frozenset({"AccessDeniedException", "AccessDenied", "FederationSourceException", "GlueEncryptionException"})
_EXPIRED = "log in again (`aws sso login`), or renew what the credentials come from"
_STRANGER = "check the key, its secret and its session token, and that they are of this partition of AWS"
_BUSY = "crawl when less is going on, or less at once (--include)"
_ADVICE = {
    "AccessDeniedException": "allow {action}, on the catalog as well as on the database and the table",
    "AccessDenied": "allow {action}",
    "GlueEncryptionException": "allow kms:Decrypt on the key of the catalog",
    "NoCredentialsError": "set AWS_PROFILE or AWS_ACCESS_KEY_ID, run where a role is attached, or give --conn-id",
    "PartialCredentialsError": "give both, the key and its secret",
    "ProfileNotFound": "`aws configure list-profiles` says which there are",
    "NoRegionError": "give --region, or set AWS_DEFAULT_REGION",
    **dict.fromkeys(("ExpiredTokenException", "ExpiredToken", "RequestExpired"), _EXPIRED),
    **dict.fromkeys(("SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError"), _EXPIRED),
    **dict.fromkeys(("UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException"), _STRANGER),
    **dict.fromkeys(("SignatureDoesNotMatch", "IncompleteSignature", "MissingAuthenticationToken"), _STRANGER),
    **dict.fromkeys(("ThrottlingException", "Throttling", "TooManyRequestsException"), _BUSY),
    **dict.fromkeys(("EndpointConnectionError", "ConnectTimeoutError"), "check --region and the way to AWS from here"),
}
"""By AWS's code, or by the class of botocore's error."""


class GlueRefusedError(CrawlError):
    """AWS answered with an error. `code` is its own word for it."""

    def __init__(self, source: str, problem: str, code: str) -> None:
        super().__init__(source, problem)
        self.code = code

    @property
    def missing(self) -> bool:
        """There is no such thing, any more or yet."""
        return self.code in _MISSING

    @property
    def closed(self) -> bool:
        """What was asked for is not ours to see, which says nothing of all else."""
        return self.code in _CLOSED


@contextmanager
def telling(source: str, service: str = "glue") -> Iterator[None]:
    """Whatever botocore raises as an error of ours."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code"))
        problem = _problem(error, code, f"{service}:{error.operation_name}")
        raise GlueRefusedError(source, problem, code) from None
    except BotoCoreError as error:
        raise CrawlError(source, _problem(error, type(error).__name__, "")) from None


def _problem(error: Exception, code: str, action: str) -> str:
    said = " ".join(mask_text(str(error)).split())[:_SHOWN]
    advice = _ADVICE.get(code, "").format(action=action)
    return f"{said}; {advice}" if advice else said
