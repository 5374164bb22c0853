"""Facts that several tests need: the binary, the tools from PyPI, and ways to run them."""

import functools
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from artifacts.project import ROOT

LINT_TOOLS = ROOT / "target/packaging/lint"
REQUIREMENTS = ROOT / "packaging/requirements-test.txt"


def run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    """Runs a command with its output captured as text."""
    return subprocess.run(command, capture_output=True, text=True, **options)


def succeed(*command: str | Path, **options) -> str:
    """Runs a command that must succeed, and returns its standard output."""
    done = run(*command, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


@functools.cache
def binary() -> Path:
    """Returns the byref to test: BYREF_BINARY, or the dev build without its debug information."""
    if given := os.environ.get("BYREF_BINARY"):
        return Path(given).resolve()
    succeed("cargo", "build", "--quiet", "--locked", "-p", "byref-cli", "--bin", "byref", cwd=ROOT)
    built = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/byref"
    folder = Path(tempfile.mkdtemp(prefix="byref-test-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    succeed("strip", "-o", folder / "byref", built)
    return folder / "byref"


def is_static() -> bool:
    return "interpreter" not in succeed("readelf", "--program-headers", "--wide", binary())


def target() -> str:
    """Returns the target of the binary: of this machine, and of musl where it needs no dynamic linker."""
    return f"{platform.machine()}-unknown-linux-{'musl' if is_static() else 'gnu'}"


@functools.cache
def lint_tools() -> Path:
    """Installs the linters and validators, and returns the folder of their commands. Where `CI` is set, a failure is one."""
    if os.environ.get("BYREF_LINT") == "no":
        raise unittest.SkipTest("not run: BYREF_LINT=no")
    installed = LINT_TOOLS / "requirements.txt"
    if not installed.is_file() or installed.read_bytes() != REQUIREMENTS.read_bytes():
        succeed(sys.executable, "-m", "venv", "--clear", LINT_TOOLS)
        done = run(LINT_TOOLS / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                   "--only-binary", ":all:", "--require-hashes", "-r", REQUIREMENTS)
        if done.returncode != 0 and "CI" not in os.environ:
            raise unittest.SkipTest(f"not run: the linters cannot be installed: {done.stderr.strip().splitlines()[-1]}")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        installed.write_bytes(REQUIREMENTS.read_bytes())
    return LINT_TOOLS / "bin"
