"""What a crawler may be told: which policies go with which targets, how schedules and configurations are written."""

from __future__ import annotations

import json
import re

from tests.glue.model import Document
from tests.glue.refusals import invalid

_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", re.IGNORECASE)
_NEEDS_CONNECTION = ("JdbcTargets", "MongoDBTargets")
_OFTEN = re.compile(r"\*|\*/[1-4]|\d+(-\d+)?/[1-4]")
"""Minutes that come more often than every five."""


def expect(crawler: Document) -> None:
    """Of the whole crawler, as it will be."""
    targets = {kind: found for kind, found in crawler["Targets"].items() if found}
    if not targets:
        raise invalid("At least one target must be specified.")
    if not crawler.get("Role"):
        raise invalid("Role cannot be null or empty.")
    if set(targets) != {"CatalogTargets"} and not crawler.get("DatabaseName"):
        said = "You must provide the DatabaseName parameter when you specify a non-catalog targeted crawler."
        raise invalid(said)
    _expect_targets(targets)
    _expect_policies(crawler, targets)
    expect_schedule(crawler.get("Schedule"))
    _expect_configuration(crawler.get("Configuration"))


def expect_schedule(expression: str | None) -> None:
    if not expression:
        return
    if not expression.lower().startswith("cron("):
        raise invalid("Invalid schedule cron expression. Expected format: Cron(CRON_EXPRESSION)")
    fields = _CRON.fullmatch(expression)
    if fields is None or (fields[3] == "?") == (fields[5] == "?"):
        raise invalid(f"Invalid schedule cron expression: {expression}")
    if _OFTEN.fullmatch(fields[1]):
        raise invalid(f"Invalid schedule cron expression: {expression} runs more often than every 5 minutes")


def _expect_targets(targets: Document) -> None:
    for target in targets.get("S3Targets", ()):
        if not target.get("Path") or target["Path"].startswith("/"):
            raise invalid("Invalid S3 Target Path")
    for kind in _NEEDS_CONNECTION:
        if not all(target.get("ConnectionName") for target in targets.get(kind, ())):
            raise invalid("Connection name cannot be equal to null or empty.")
    for target in targets.get("DynamoDBTargets", ()):
        if not 0.1 <= target.get("scanRate", 1) <= 1.5:
            raise invalid("Invalid scan rate value. Valid values are between 0.1 to 1.5")


def _expect_policies(crawler: Document, targets: Document) -> None:
    recrawl = crawler["RecrawlPolicy"]["RecrawlBehavior"]
    change = crawler["SchemaChangePolicy"]
    if recrawl == "CRAWL_NEW_FOLDERS_ONLY":
        if set(targets) != {"S3Targets"}:
            raise invalid('RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.')
        if set(change.values()) != {"LOG"}:
            said = "target can have only LOG DeleteBehavior value and LOG UpdateBehavior value."
            raise invalid(f'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 {said}')
    if recrawl == "CRAWL_EVENT_MODE":
        _expect_queues(targets)
    if "CatalogTargets" in targets and change["DeleteBehavior"] != "LOG":
        raise invalid("The SchemaChangePolicy for catalog targets can have only LOG DeleteBehavior value.")


def _expect_queues(targets: Document) -> None:
    if set(targets) not in ({"S3Targets"}, {"CatalogTargets"}):
        raise invalid("Event crawlers can only have Amazon S3 targets or catalog targets.")
    if not all(target.get("EventQueueArn") for found in targets.values() for target in found):
        raise invalid("Event queue ARN is required when event crawler is selected.")


def _expect_configuration(configuration: str | None) -> None:
    if not configuration:
        return
    try:
        read = json.loads(configuration)
    except ValueError as error:
        raise invalid("Crawler configuration not valid: Error parsing JSON") from error
    if not isinstance(read, dict) or "Version" not in read:
        raise invalid("Crawler configuration not valid: Crawler configuration missing required key: Version.")
    if isinstance(read["Version"], bool | str):
        found = type(read["Version"]).__name__.replace("str", "String").replace("bool", "Boolean")
        raise invalid(f"Crawler configuration not valid: Version type invalid: expected Double, received {found}")
