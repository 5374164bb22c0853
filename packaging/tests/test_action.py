"""The scripts of the GitHub action, with a stand-in for `gh` and for byref, and once with byref itself."""

import json
import os
import tempfile
import unittest
from pathlib import Path

from artifacts.project import ROOT
from support import binary, run

# Keeps the comments of one pull request in a file and answers what the action asks; anything else is an error.
GH = r"""#!/usr/bin/env python3
import json, os, sys
state = os.environ["STATE"]
with open(state) as file:
    comments = json.load(file)
arguments = sys.argv[1:]
with open(state + ".log", "a") as log:
    print(json.dumps(arguments), file=log)
assert arguments.pop(0) == "api" and os.environ["GH_TOKEN"] == "token"
if os.environ.get("FORBIDDEN"):
    sys.exit("gh: Resource not accessible by integration (HTTP 403)")
if "--paginate" in arguments:
    assert arguments[1] == "repos/owner/repository/issues/7/comments"
    assert arguments[3] == '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id'
    for comment in comments:
        if comment["type"] == "Bot" and comment["body"].startswith(os.environ["MARKER"]):
            print(comment["id"])
    sys.exit()
method, path = arguments[arguments.index("--method") + 1:][:2]
name, _, file = arguments[arguments.index("--field") + 1].partition("=@")
with open(file) as body:
    text = body.read()
assert name == "body" and len(text) <= 65536
if method == "POST":
    assert path == "repos/owner/repository/issues/7/comments"
    comments.append({"id": 100 + len(comments), "type": "Bot", "body": text})
else:
    assert method == "PATCH"
    (comment,) = [one for one in comments if path == f"repos/owner/repository/issues/comments/{one['id']}"]
    comment["body"] = text
with open(state, "w") as file:
    json.dump(comments, file)
"""

# Notes its arguments, and prints and ends as the test wants.
BYREF = r"""#!/usr/bin/env python3
import json, os, sys
with open(os.environ["STATE"] + ".byref", "w") as file:
    json.dump(sys.argv[1:], file)
sys.stdout.write(open(os.environ["SHOWN"]).read())
sys.exit(int(os.environ["STATUS"]))
"""


class Action(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, text in (("gh", GH), ("byref", BYREF)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        self.state = self.folder / "state"
        self.state.write_text("[]")
        self.shown = self.folder / "shown"
        self.shown.write_text("web, production: 1 moved\n")

    def environment(self, **given: str) -> dict[str, str]:
        folder = self.folder
        return os.environ | {
            "PATH": f"{folder}:{os.environ['PATH']}", "STATE": str(self.state), "SHOWN": str(self.shown), "STATUS": "0",
            "BYREF": str(folder / "byref"), "COMMAND": "preview", "PATHS": "", "FORMAT": "github", "OUTPUT": "", "ARGUMENTS": "",
            "BINARY": "", "WHEEL": "", "AWS": "auto", "GH_TOKEN": "token", "PULL_REQUEST": "7", "GITHUB_REPOSITORY": "owner/repository",
            "GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_OUTPUT": str(folder / "output"), "RUNNER_TEMP": str(folder),
            "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
        } | given

    def act(self, script: str = "run", **given: str):
        """Runs a script of the action in the test's folder, as the runner does."""
        return run("bash", ROOT / "packaging/action" / script, env=self.environment(**given), cwd=self.folder)

    def comments(self) -> list[str]:
        return [comment["body"] for comment in json.loads(self.state.read_text())]

    def passed_to_byref(self) -> list[str]:
        return json.loads(Path(f"{self.state}.byref").read_text())

    def test_preview_comments_and_updates_its_comment_in_place(self) -> None:
        self.assertEqual(self.act().returncode, 0)
        (first,) = self.comments()
        self.assertIn("web, production: 1 moved", first)
        self.shown.write_text("web, production: nothing to do\n")
        done = self.act(STATUS="1")
        self.assertEqual(done.returncode, 1)
        (second,) = self.comments()
        self.assertEqual(first.splitlines()[0], second.splitlines()[0])
        self.assertIn("exit code 1", second)
        self.assertIn("nothing to do", second)
        self.assertNotIn("1 moved", second)
        self.assertFalse((self.folder / "summary").exists())

    def test_preview_of_other_arguments_has_a_comment_of_its_own(self) -> None:
        self.act(ARGUMENTS="--environment production")
        self.act(ARGUMENTS="--environment staging")
        self.act(ARGUMENTS="--environment production")
        self.assertEqual(len(self.comments()), 2)

    def test_preview_never_overwrites_the_comment_of_a_person(self) -> None:
        self.act()
        (body,) = self.comments()
        self.state.write_text(json.dumps([{"id": 1, "type": "User", "body": body + "copied"}]))
        self.act()
        self.assertEqual(self.comments()[0], body + "copied")
        self.assertEqual(len(self.comments()), 2)

    def test_comment_of_a_long_preview_is_shortened_at_a_line(self) -> None:
        self.shown.write_text("+ é line of a template\n" * 10_000)
        self.assertEqual(self.act().returncode, 0)
        (body,) = self.comments()
        self.assertLessEqual(len(body), 65_536)
        self.assertGreater(len(body), 50_000)
        *lines, note, fence = body.splitlines()[4:]
        self.assertEqual(set(lines), {"+ é line of a template"})
        self.assertIn("shortened", note)
        self.assertEqual(fence, "```")

    def test_comment_of_one_endless_line_keeps_nothing_of_it(self) -> None:
        self.shown.write_text("é" * 100_000)
        self.assertEqual(self.act().returncode, 0)
        (body,) = self.comments()
        self.assertNotIn("é", body)
        self.assertIn("shortened", body)

    def test_preview_cannot_close_the_fence_around_it(self) -> None:
        self.shown.write_text("+ ```\n+ ````\n# not a heading\n")
        self.act()
        (body,) = self.comments()
        self.assertIn("\n`````diff\n", body)
        self.assertTrue(body.endswith("\n`````\n"), body)

    def test_runner_obeys_no_command_in_a_preview_or_rewritten_template(self) -> None:
        self.shown.write_text("  ::add-mask::e\n::error::made up")
        for command in ("preview", "rewrite"):
            lines = self.act(COMMAND=command).stdout.splitlines()
            word = lines[0].removeprefix("::stop-commands::")
            self.assertRegex(word, "^[0-9a-f]{32}$")
            self.assertEqual(lines[1:3], ["  ::add-mask::e", "::error::made up"])
            self.assertEqual(lines[-1], f"::{word}::")
        self.assertNotIn("stop-commands", self.comments()[0])

    def test_preview_goes_to_the_summary_where_there_is_no_pull_request(self) -> None:
        self.assertEqual(self.act(PULL_REQUEST="").returncode, 0)
        self.assertEqual(self.comments(), [])
        self.assertIn("1 moved", (self.folder / "summary").read_text())

    def test_preview_goes_to_the_summary_where_the_token_may_not_write(self) -> None:
        done = self.act(FORBIDDEN="yes", STATUS="1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("::warning::byref: the comment cannot be written", done.stdout)
        self.assertIn("1 moved", (self.folder / "summary").read_text())

    def test_inputs_are_words_and_never_code(self) -> None:
        hostile = "$(touch made) `touch made` ;touch made * --app=x"
        self.assertEqual(self.act(ARGUMENTS=hostile, PATHS="*.yaml $(touch made)").returncode, 0)
        self.assertFalse((self.folder / "made").exists())
        self.assertEqual(self.passed_to_byref(),
                         ["preview", "--color", "never", *hostile.split(" "), "--", "*.yaml", "$(touch", "made)"])

    def test_each_command_gets_its_arguments(self) -> None:
        given = {"ARGUMENTS": "-e production", "PATHS": "a.yaml b.yaml", "OUTPUT": "out file"}
        expected = {
            "lint": ["lint", "--format", "github", "--output", "out file", "-e", "production", "--", "a.yaml", "b.yaml"],
            "rewrite": ["rewrite", "--output", "out file", "-e", "production", "--", "a.yaml", "b.yaml"],
            "check": ["check", "--format", "github", "-e", "production"],
        }
        for command, arguments in expected.items():
            self.assertEqual(self.act(COMMAND=command, STATUS="1", **given).returncode, 1)
            self.assertEqual(self.passed_to_byref(), arguments)
        self.act(COMMAND="lint")
        self.assertEqual(self.passed_to_byref()[-1], ".")

    def test_unknown_commands_are_refused(self) -> None:
        for script in ("run", "choose"):
            for command in ("", "exec", "post", "lint; touch made"):
                self.assertEqual(self.act(script, COMMAND=command).returncode, 2, command)
        self.assertFalse((self.folder / "made").exists())

    def test_a_missing_byref_is_a_failure(self) -> None:
        for command in ("lint", "preview", "rewrite", "check"):
            self.assertEqual(self.act(COMMAND=command, BYREF=str(self.folder / "gone")).returncode, 127, command)

    def test_lint_with_byref_itself_finds_a_secret(self) -> None:
        secret = "kX9vQ2mLw7"
        (self.folder / "t.yaml").write_text(
            "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n"
            f"        - Name: web\n          Environment: [{{Name: DB_PASSWORD, Value: {secret}}}]\n")
        done = self.act(COMMAND="lint", PATHS="t.yaml", BYREF=str(binary()))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"^::(error|warning) file=t\.yaml")
        self.assertNotIn(secret, done.stdout + done.stderr)

    def chosen(self, **given: str) -> dict[str, str]:
        output = self.folder / "output"
        output.unlink(missing_ok=True)
        done = self.act("choose", **given)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return dict(line.split("=", 1) for line in output.read_text().splitlines())

    def test_a_given_binary_is_used_and_nothing_is_built(self) -> None:
        self.assertEqual(self.chosen(BINARY="byref"), {"byref": str((self.folder / "byref").resolve())})

    def test_a_build_is_cached_under_its_sources_and_features(self) -> None:
        lint, check = self.chosen(COMMAND="lint"), self.chosen(COMMAND="check")
        self.assertEqual((lint["features"], check["features"]), ("", "aws"))
        self.assertRegex(lint["key"], "^byref-Linux-X64-small-[0-9a-f]{40}$")
        self.assertEqual(lint["key"].replace("small", "aws"), check["key"])
        self.assertEqual(self.chosen(COMMAND="lint"), lint)
        changed = self.folder / "action"
        changed.mkdir()
        for name in ("Cargo.toml", "Cargo.lock"):
            (changed / name).write_text((ROOT / name).read_text() + "\n")
        (changed / "crates").symlink_to(ROOT / "crates")
        self.assertNotEqual(self.chosen(COMMAND="lint", GITHUB_ACTION_PATH=str(changed))["key"], lint["key"])

    def test_contradicting_and_broken_choices_are_refused(self) -> None:
        for given in ({"BINARY": "byref", "WHEEL": "w"}, {"BINARY": "gone"}, {"AWS": "maybe"}):
            self.assertEqual(self.act("choose", **given).returncode, 2, given)
        odd = self.folder / "odd\nkey=x"
        odd.write_text(BYREF)
        odd.chmod(0o755)
        self.assertEqual(self.act("choose", BINARY=str(odd)).returncode, 2)
