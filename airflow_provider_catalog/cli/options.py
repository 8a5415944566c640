"""Options that many commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from airflow_provider_catalog.cli.context import Context

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  it has no other name
Run: TypeAlias = "Callable[[Context], int | None]"
FORMATS = ("table", "json", "yaml")


def add_global(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """`again`: the same options after the command, where they do not undo what was said before it."""
    group = parser.add_argument_group("everywhere") if again else parser
    default: dict[str, Any] = {"default": argparse.SUPPRESS} if again else {}
    group.add_argument("--store", metavar="URL", help="the store, instead of [catalog] store_url", **default)
    group.add_argument("--debug", action="store_true", help="show where an error comes from", **default)


def command(
    subparsers: Subparsers,
    name: str,
    run: Run,
    help_: str,
    *,
    formats: tuple[str, ...] = FORMATS,
    epilog: str | None = None,
) -> argparse.ArgumentParser:
    """One command; the caller adds its arguments."""
    parser = subparsers.add_parser(
        name,
        help=help_,
        description=f"{help_[0].upper()}{help_[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    if formats:
        parser.add_argument("--output", "-o", choices=formats, default=formats[0], help=f"default: {formats[0]}")
    add_global(parser, again=True)
    return parser


def group(subparsers: Subparsers, name: str, help_: str) -> Subparsers:
    """A noun with verbs of its own: `db upgrade`."""
    parser = subparsers.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def moment(text: str) -> int:
    """A time on the command line."""
    from airflow_provider_catalog.services.times import parse

    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def natural(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def positive(text: str) -> int:
    if natural(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not at least 1")
    return int(text)
