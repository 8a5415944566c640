"""Every error this package raises on purpose.

    CatalogError
    ├── ConfigError             the settings are wrong; the message names the option
    ├── NotFoundError           nothing of that name is in the catalog
    ├── AccessError             whoever asks may not
    │   ├── UnauthenticatedError    nobody knows who asks
    │   └── ForbiddenError          they are known and lack a right
    ├── TooManyRequestsError    retryable: more than a token's rate, or than can be kept waiting
    ├── RejectedError           an envelope cannot be read, now or later (goes to the dead letters)
    │   └── TooLargeError       it is over `[catalog] max_event_mb`
    ├── StoreError
    │   ├── StoreUnavailable    retryable: the database does not answer, is busy or full
    │   ├── StoreOutdated       the schema is older or newer than the code; run `airflow-catalog db upgrade`
    │   └── IdentityCollision   two names hash to one id (rejected, never merged)
    ├── LeaseLost               somebody else is the worker now
    ├── TargetUnavailable       retryable: what is published to takes nothing now
    ├── CrawlError              retryable: what was to be crawled was not read to its end
    └── ArtifactsError          what dbt has left cannot be read

Errors carry their data as attributes and say what to do. `retryable` tells callers whether to try again.
"""

from __future__ import annotations


class CatalogError(Exception):
    """The root: whatever this package raises on purpose."""

    retryable = False


class ConfigError(CatalogError):
    """A setting is missing or wrong."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"[catalog] {option}: {problem}")
        self.option = option
        self.problem = problem


class NotFoundError(CatalogError):
    """Nothing of that name is in the catalog."""

    def __init__(self, what: str, name: str, hint: str = "") -> None:
        super().__init__(f"no {what} named {name!r} in the catalog" + (f"; {hint}" if hint else ""))
        self.what = what
        self.name = name


class AccessError(CatalogError):
    """Whoever asks may not have what they ask for."""


class UnauthenticatedError(AccessError):
    """Nobody knows who asks."""


class ForbiddenError(AccessError):
    """Who asks is known, and may not."""

    def __init__(self, who: str, problem: str) -> None:
        super().__init__(f"{who} may not {problem}")
        self.who = who
        self.problem = problem


class TooManyRequestsError(CatalogError):
    """Asked too often; `seconds` later it is worth another try."""

    retryable = True

    def __init__(self, problem: str, seconds: float) -> None:
        super().__init__(f"{problem}; try again in {seconds:.3g} s")
        self.problem = problem
        self.seconds = seconds


class RejectedError(CatalogError):
    """An envelope that cannot be read, whatever we try."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooLargeError(RejectedError):
    """An envelope over the size limit; its head is kept with the dead letter."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"{size} bytes is over the limit of {limit} bytes ([catalog] max_event_mb)")
        self.size = size
        self.limit = limit


class StoreError(CatalogError):
    """The store could not do what it was asked."""


class StoreUnavailable(StoreError):  # noqa: N818  a state, not a mistake: reads as one where it is caught
    """The database does not answer, is locked for too long, or its disk is full. Nothing was changed."""

    retryable = True


class StoreOutdated(StoreError):  # noqa: N818  a state, as above
    """The database schema and the code do not match."""

    def __init__(self, found: str | None, wanted: str) -> None:
        state = "has no catalog tables yet" if found is None else f"is at revision {found}"
        newer = found is not None and found > wanted
        advice = "it is newer, so install a newer version" if newer else "run `airflow-catalog db upgrade`"
        super().__init__(f"the store {state}, this version needs {wanted}: {advice}")
        self.found = found
        self.wanted = wanted


class IdentityCollision(StoreError):  # noqa: N818  what happened, as above
    """Two different names share one id: the second is refused so that nothing is ever mixed up."""

    def __init__(self, uid: int, stored: str, stated: str) -> None:
        super().__init__(f"id {uid} belongs to {stored!r}; {stated!r} hashes to the same and was refused")
        self.uid = uid
        self.stored = stored
        self.stated = stated


class LeaseLost(CatalogError):  # noqa: N818  what happened, as above
    """Another worker holds the lease now; this one must stop."""

    def __init__(self, role: str, holder: str) -> None:
        super().__init__(f"the {role} lease is held by {holder}")
        self.role = role
        self.holder = holder


class TargetUnavailable(CatalogError):  # noqa: N818  a state, as above
    """A target takes nothing now. Nothing is lost: what it was to be told of waits in the outbox."""

    retryable = True

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(f"the target {target} takes nothing: {reason}")
        self.target = target
        self.reason = reason


class CrawlError(CatalogError):
    """What was to be crawled was not read to its end. Of what it did not show nothing is said."""

    retryable = True

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source} was not crawled: {problem}")
        self.source = source
        self.problem = problem


class ArtifactsError(CatalogError):
    """What dbt has left, or should have left, cannot be read."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}" if where else problem)
        self.where = where
        self.problem = problem
