"""Tables registered by awswrangler, one after the other, as people do after each load.

All have one session of boto3's: without it awswrangler reads the model of the service anew for each.

    python glue_wrangler.py < tables.json

The tables are {"database", "columns", "parameters", "names"}. The answer is one JSON object: {"seconds": ...}.
"""

from __future__ import annotations

import json
import sys
import time

import awswrangler as wr
import boto3


def main() -> None:
    given = json.load(sys.stdin)
    session = boto3.Session()
    begun = time.perf_counter()
    for name in given["names"]:
        wr.catalog.create_parquet_table(
            database=given["database"],
            table=name,
            path=f"s3://lake/{given['database']}/{name}/",
            columns_types=given["columns"],
            parameters=given["parameters"],
            mode="overwrite",
            boto3_session=session,
        )
    print(json.dumps({"seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    main()
