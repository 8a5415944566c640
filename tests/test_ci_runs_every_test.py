"""In CI a skipped test is a failed one; an expected failure is not a skip."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

SKIPS = {
    "by mark": "@pytest.mark.skip(reason='no server')\ndef test_it(): pass",
    "in the test": "def test_it(): pytest.skip('no server')",
    "a whole module": "pytest.skip('no server', allow_module_level=True)",
    "a missing package": "pytest.importorskip('no_such_package_anywhere', reason='no server')\ndef test_it(): pass",
}
EXPECTED_FAILURE = "@pytest.mark.xfail(reason='known')\ndef test_it(): raise ValueError"


def run_pytest(folder: Path, source: str, *, ci: bool) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(f"import pytest\n{source}\ndef test_another(): pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(folder / "pytest.ini"), str(folder)]
    environment = os.environ | {"CI": "true" if ci else "false", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS)
def test_a_skip_fails_in_ci_and_tells_its_reason(tmp_path: Path, source: str) -> None:
    done = run_pytest(tmp_path, source, ci=True)
    assert done.returncode != 0
    assert "no server" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_a_skip_is_fine_on_a_developers_machine(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, SKIPS["by mark"], ci=False).returncode == 0


def test_an_expected_failure_is_fine_in_ci(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, EXPECTED_FAILURE, ci=True).returncode == 0
