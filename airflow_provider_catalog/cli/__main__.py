"""`python -m airflow_provider_catalog.cli`: the command line where no script is on the path."""

from __future__ import annotations

import sys

from airflow_provider_catalog.cli import main

sys.exit(main())
