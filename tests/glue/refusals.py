"""What the server answers instead of a result: a code of AWS, its words, its status."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818  an answer, not a mistake of ours
    """An error of the API. `members` are what its shape has beside the message."""

    def __init__(self, code: str, message: str, status: int = 400, **members: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def not_found(message: str) -> Refused:
    return Refused("EntityNotFoundException", message)


def exists(message: str) -> Refused:
    return Refused("AlreadyExistsException", message)


def invalid(message: str) -> Refused:
    return Refused("InvalidInputException", message)


def too_many(message: str) -> Refused:
    return Refused("ResourceNumberLimitExceededException", message)


def detail(refused: Refused) -> dict[str, str]:
    """The same as one item of an operation on many has it."""
    return {"ErrorCode": refused.code, "ErrorMessage": refused.message}
