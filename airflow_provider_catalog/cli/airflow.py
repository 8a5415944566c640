"""`airflow catalog …`: the commands of `airflow-catalog` in Airflow's own command line.

Only Airflow imports this, at each of its commands. So it is as light as help is.
"""

from __future__ import annotations

from argparse import ArgumentParser, HelpFormatter, Namespace

from airflow.cli.cli_config import ActionCommand, Arg, CLICommand

from airflow_provider_catalog.cli import EPILOG, add_commands, execute


class _Commands(Arg):
    """All of our commands in the place of one argument: Airflow has no other way to take in a parser."""

    def add_to_parser(self, parser: ArgumentParser) -> None:
        parser.formatter_class = HelpFormatter  # Airflow's own takes [catalog] for a colour
        add_commands(parser)


def commands() -> list[CLICommand]:
    catalog = ActionCommand(
        name="catalog",
        help="The data catalog: lineage, search, upkeep",
        func=run,
        args=(_Commands(flags=("command",)),),  # type: ignore[no-untyped-call]
        epilog=EPILOG,
    )
    return [catalog]


def run(args: Namespace) -> None:
    raise SystemExit(execute(args))
