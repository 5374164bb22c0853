"""Facts about the project that every release file needs: name, version, time, targets and editions."""

import hashlib
import os
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The static targets of a release, and the tags by which pip knows the machines that can run them.
TARGETS = ("x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl")

# The name of each edition's files and Python distribution, and its arguments to cargo.
EDITIONS = {
    "full": ("byref", []),
    "small": ("byref-small", ["--no-default-features"]),
}


class Problem(Exception):
    """A reason why a release can't be built, and what to do about it."""


@dataclass(frozen=True)
class Release:
    """One binary of a release: its file, its target, its edition, and the version and time in its file names and entries."""

    binary: Path
    target: str
    edition: str
    version: str
    epoch: int

    @classmethod
    def of(cls, binary: Path, target: str, edition: str) -> "Release":
        if not binary.is_file():
            raise Problem(f"`{binary}` is not a file")
        return cls(binary, target, edition, version(), epoch())

    @property
    def name(self) -> str:
        """`byref`, or `byref-small` for the edition without the AWS SDK."""
        return EDITIONS[self.edition][0]

    @property
    def stem(self) -> str:
        """The common part of the file names: name, version and target."""
        return f"{self.name}-{self.version}-{self.target}"

    @property
    def architecture(self) -> str:
        return self.target.split("-", 1)[0]


def version() -> str:
    """Returns the version of the workspace."""
    return tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]


def epoch() -> int:
    """Returns the time of every entry, in seconds since 1970: SOURCE_DATE_EPOCH, or the time of the last commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        if not given.isdecimal():
            raise Problem("SOURCE_DATE_EPOCH is not a number of seconds since 1970")
        return int(given)
    shown = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    if shown.returncode != 0:
        raise Problem("there is no git history to take the time from: set SOURCE_DATE_EPOCH")
    return int(shown.stdout)


def output_of(*command: str | Path) -> str:
    """Runs a command in the project's folder and returns its standard output; its failure is a problem."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except OSError as error:
        raise Problem(f"cannot run `{command[0]}`: {error.strerror}") from error
    if done.returncode != 0:
        raise Problem(f"`{' '.join(map(str, command))}` failed: {done.stderr.strip()}")
    return done.stdout


def licence_files() -> dict[str, bytes]:
    """Returns byref's own licences by file name."""
    return {path.name: path.read_bytes() for path in sorted(ROOT.glob("LICENSE*"))}


def write_checksums(folder: Path) -> None:
    """Writes SHA256SUMS over the files of a folder, in the form that `sha256sum --check` reads."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name != "SHA256SUMS"]
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines))
