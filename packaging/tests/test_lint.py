"""Linters over the files that no compiler sees: workflows, action, scripts and Dockerfile."""

import re
import unittest
from pathlib import Path

from artifacts.project import ROOT
from support import lint_tools, run, succeed

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
SCRIPTS = [ROOT / "packaging/action/choose", ROOT / "packaging/action/run", ROOT / ".ci/run"]


class Lint(unittest.TestCase):
    def test_shell_scripts_are_clean(self) -> None:
        succeed(lint_tools() / "shellcheck", *SCRIPTS)

    def test_dockerfile_is_clean(self) -> None:
        succeed(lint_tools() / "hadolint", ROOT / "packaging/Dockerfile")

    def test_workflows_and_action_fit_their_schemas(self) -> None:
        check = lint_tools() / "check-jsonschema"
        self.assertTrue(WORKFLOWS)
        succeed(check, "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
        succeed(check, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml")
        succeed(check, "--builtin-schema", "vendor.gitlab-ci", ROOT / "packaging/gitlab-release.yml")

    def test_workflows_and_action_are_safe_from_injection(self) -> None:
        done = run(lint_tools() / "zizmor", "--offline", "--no-progress", *WORKFLOWS, ROOT / "action.yml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_inputs_reach_scripts_through_the_environment_only(self) -> None:
        for path in [*WORKFLOWS, ROOT / "action.yml"]:
            for script in run_blocks(path):
                self.assertNotIn("${{", script, path)


def run_blocks(path: Path) -> list[str]:
    """Returns each `run:` with what follows at a deeper indentation."""
    blocks = re.findall(r"^( *)(?:- )?run: (.*(?:\n\1  .*)*)", path.read_text(), re.M)
    assert blocks, f"{path} runs nothing"
    return [block for _, block in blocks]
