"""The release files of one binary: built twice, looked into, installed and run."""

import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import time
import unittest
import zipfile
from pathlib import Path

from artifacts.project import ROOT
from support import binary, is_static, lint_tools, run, succeed, target

EPOCH = 1_700_000_000
OUTPUTS: list[Path] = []


def setUpModule() -> None:
    """Packs the binary twice, the second time from another path with another time and under another umask."""
    folder = Path(tempfile.mkdtemp(prefix="byref-release-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    copy = folder / "elsewhere/another-name"
    copy.parent.mkdir()
    shutil.copyfile(binary(), copy)
    copy.chmod(0o700)
    os.utime(copy, (0, 0))
    for name, packed, umask in (("first", binary(), 0o022), ("second", copy, 0o077)):
        OUTPUTS.append(folder / name)
        succeed(ROOT / "packaging/build", "--binary", packed, "--target", target(), "--edition", "full", "--output", OUTPUTS[-1],
                env=os.environ | {"SOURCE_DATE_EPOCH": str(EPOCH)}, cwd=folder, umask=umask)


def only(pattern: str) -> Path:
    (path,) = OUTPUTS[0].glob(pattern)
    return path


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes()) for path in files}


class Release(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_packing_twice_gives_the_same_bytes(self) -> None:
        first, second = map(files_of, OUTPUTS)
        self.assertEqual(list(first), list(second))
        self.assertEqual([name for name in first if first[name] != second[name]], [])

    def test_checksums_cover_every_file(self) -> None:
        succeed("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=OUTPUTS[0])
        listed = {line.split("  ")[1] for line in (OUTPUTS[0] / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(listed, {path.name for path in OUTPUTS[0].iterdir() if path.is_file()} - {"SHA256SUMS"})

    def test_archive_has_all_parts_and_nothing_of_this_machine(self) -> None:
        with tarfile.open(only("*.tar.gz")) as archive:
            entries = archive.getmembers()
        names = [entry.name.split("/", 1)[1] for entry in entries]
        self.assertEqual(names, sorted(names))
        self.assertLessEqual({"byref", "README.md", "CHANGELOG.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT",
                              "THIRD-PARTY-LICENSES.txt", "byref.cdx.json", "completions/byref.bash", "completions/_byref",
                              "completions/byref.fish", "completions/_byref.ps1"}, set(names))
        for entry in entries:
            self.assertEqual((entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname), (EPOCH, 0, 0, "", ""), entry.name)
            self.assertEqual(entry.mode, 0o755 if entry.name.endswith("/byref") else 0o644, entry.name)

    def test_archive_has_a_manual_page_for_every_command(self) -> None:
        with tarfile.open(only("*.tar.gz")) as archive:
            pages = {entry.name.rpartition("/")[2] for entry in archive if entry.name.endswith(".1")}
        waiting, expected = [[]], set()
        while waiting:
            command = waiting.pop()
            expected.add("-".join(["byref", *command]) + ".1")
            listed = re.search(r"^Commands:\n(.*?)(\n\n|\Z)", succeed(binary(), *command, "--help"), re.M | re.S)
            names = re.findall(r"^  ([a-z-]+)", listed[1], re.M) if listed else []
            waiting += [[*command, name] for name in names if name != "help"]
        self.assertGreater(len(expected), 20)
        self.assertEqual(pages, expected)

    def test_archive_unpacks_to_a_byref_that_runs(self) -> None:
        with tarfile.open(only("*.tar.gz")) as archive:
            archive.extractall(self.folder, filter="data")
        (unpacked,) = self.folder.iterdir()
        self.assertRegex(succeed(unpacked / "byref", "--version"), r"^byref \d")
        succeed("bash", "-n", unpacked / "completions/byref.bash")

    def test_bill_of_materials_lists_every_crate_that_the_binary_names(self) -> None:
        with tarfile.open(only("*.tar.gz")) as archive:
            bill = json.load(archive.extractfile(next(entry for entry in archive if entry.name.endswith("cdx.json"))))
        listed = {f"{entry['name']}-{entry['version']}" for entry in bill["components"]}
        # The compiler puts the path of a crate's source beside each place that can panic.
        named = {name.decode() for name in re.findall(rb"registry/src/[^/]+/([\w.+-]+)/src/", binary().read_bytes())}
        self.assertGreater(len(named), 20)
        self.assertEqual(named - listed, set())
        self.assertNotIn("proptest", {entry["name"] for entry in bill["components"]})
        self.assertNotIn(str(Path.home()), json.dumps(bill))

    def test_bill_of_materials_fits_the_schema(self) -> None:
        python = lint_tools() / "python"
        with tarfile.open(only("*.tar.gz")) as archive:
            bill = archive.extractfile(next(entry for entry in archive if entry.name.endswith("cdx.json"))).read().decode()
        check = ("import sys; from cyclonedx.schema import SchemaVersion; from cyclonedx.validation.json import JsonStrictValidator; "
                 "print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()))")
        self.assertEqual(succeed(python, "-c", check, input=bill).strip(), "None")
        broken = bill.replace('"library"', '"no such type"', 1)
        self.assertIn("no such type", succeed(python, "-c", check, input=broken))

    def test_wheel_installs_in_seconds_without_a_network(self) -> None:
        succeed(sys.executable, "-m", "venv", self.folder / "venv")
        begin = time.monotonic()
        succeed(self.folder / "venv/bin/python", "-m", "pip", "install", "--no-index", "--disable-pip-version-check", only("*.whl"))
        seconds = time.monotonic() - begin
        print(f"pip install: {seconds:.1f} s", end=" ... ", file=sys.stderr, flush=True)
        self.assertLess(seconds, 30)
        byref = self.folder / "venv/bin/byref"
        self.assertRegex(succeed(byref, "--version"), r"^byref \d")
        (self.folder / "template.yaml").write_text(TEMPLATE)
        found = run(byref, "lint", "template.yaml", cwd=self.folder)
        self.assertEqual(found.returncode, 1, found.stderr)
        self.assertIn("DB_PASSWORD", found.stdout)
        self.assertNotIn("kX9vQ2mLw7", found.stdout + found.stderr)
        succeed(self.folder / "venv/bin/python", "-m", "pip", "check")

    def test_action_installs_the_wheel(self) -> None:
        given = {"COMMAND": "lint", "BINARY": "", "WHEEL": str(only("*.whl")), "AWS": "auto", "RUNNER_TEMP": str(self.folder),
                 "GITHUB_OUTPUT": str(self.folder / "output"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        succeed("bash", ROOT / "packaging/action/choose", env=os.environ | given)
        name, _, path = (self.folder / "output").read_text().strip().partition("=")
        self.assertEqual(name, "byref")
        self.assertRegex(succeed(path, "--version"), r"^byref \d")

    def test_wheel_carries_licences_and_bill_of_materials(self) -> None:
        with zipfile.ZipFile(only("*.whl")) as wheel:
            names = {name.partition(".dist-info/")[2] for name in wheel.namelist()}
        self.assertLessEqual({"METADATA", "WHEEL", "RECORD", "licenses/LICENSE-MIT", "licenses/LICENSE-APACHE",
                              "licenses/THIRD-PARTY-LICENSES.txt", "sboms/byref.cdx.json"}, names)

    def test_image_context_has_the_files_of_one_architecture(self) -> None:
        (context,) = (OUTPUTS[0] / "image").iterdir()
        (architecture,) = (path for path in context.iterdir() if path.is_dir())
        self.assertIn(architecture.name, ("amd64", "arm64"))
        files = files_of(architecture)
        self.assertEqual(files["usr/bin/byref"], (0o100755, binary().read_bytes()))
        self.assertIn(b"BEGIN CERTIFICATE", files["etc/ssl/certs/ca-certificates.crt"][1])
        for folder in [architecture, *(path for path in architecture.rglob("*") if path.is_dir())]:
            self.assertEqual(folder.stat().st_mode & 0o777, 0o755, folder)

    def test_static_binary_runs_where_there_is_nothing_else(self) -> None:
        if not is_static():
            self.skipTest("not run: this binary is not static (BYREF_BINARY names one of a release)")
        if run("unshare", "--map-root-user", "true").returncode != 0:
            self.skipTest("not run: this machine gives no user namespaces")
        (root,) = OUTPUTS[0].glob("image/*/a*64")
        shown = succeed("unshare", "--map-root-user", "chroot", root, "/usr/bin/byref", "--version")
        self.assertRegex(shown, r"^byref \d")

    def test_image_is_built_the_same_twice_and_runs(self) -> None:
        if not is_static() or not shutil.which("buildah"):
            self.skipTest("not run: needs a static binary (BYREF_BINARY) and buildah")
        given = os.environ | {"SOURCE_DATE_EPOCH": str(EPOCH), "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
        if run("buildah", "info", env=given).returncode != 0:
            self.skipTest("not run: buildah cannot work on this machine")
        images = []
        for name in ("first", "second"):
            output = self.folder / name
            succeed(ROOT / "packaging/build", "--binary", binary(), "--target", target(), "--edition", "full", "--output", output,
                    "--image-builder", "buildah", env=given)
            images += output.glob("*-image.tar")
        first, second = images
        self.assertEqual(first.read_bytes(), second.read_bytes())
        container = succeed("buildah", "from", f"oci-archive:{first}", env=given).strip()
        self.addCleanup(run, "buildah", "rm", container, env=given)
        self.assertRegex(succeed("buildah", "run", container, "--", "/usr/bin/byref", "--version", env=given), r"^byref \d")

    def test_binary_names_no_folder_of_this_machine(self) -> None:
        if not is_static():
            self.skipTest("not run: paths are only replaced in binaries of a release")
        content = binary().read_bytes()
        for folder in (ROOT, Path.home()):
            # Not assertNotIn, which would print the binary.
            self.assertEqual(content.count(f"{folder}/".encode()), 0, folder)


class Refusals(unittest.TestCase):
    def test_build_refuses_a_target_without_its_standard_library(self) -> None:
        done = run(ROOT / "packaging/build", "--target", "riscv64gc-unknown-linux-musl", "--edition", "small")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("rustup target add riscv64gc-unknown-linux-musl", done.stderr)

    def test_build_refuses_a_binary_for_several_targets(self) -> None:
        done = run(ROOT / "packaging/build", "--binary", binary())
        self.assertEqual(done.returncode, 2)
        self.assertIn("--binary needs one --target", done.stderr)


TEMPLATE = """\
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: web
          Environment:
            - Name: DB_PASSWORD
              Value: kX9vQ2mLw7
"""
