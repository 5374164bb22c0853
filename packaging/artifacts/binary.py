"""Static binaries: cargo-zigbuild, with zig as C compiler and linker, builds every target on any machine."""

import os
import subprocess
import sys
from pathlib import Path

from .project import EDITIONS, ROOT, Problem, epoch, output_of

TOOLS = ROOT / "target/packaging/tools"


def build(target: str, edition: str) -> Path:
    """Builds the binary of one target and edition, and returns its path."""
    require_target(target)
    folder = ROOT / "target/packaging" / edition
    command = ["cargo", "zigbuild", "--release", "--locked", "-p", "byref-cli", "--target", target, "--target-dir", str(folder)]
    print(f"building {edition} for {target}", flush=True)
    if subprocess.run([*command, *EDITIONS[edition][1]], cwd=ROOT, env=environment(target)).returncode != 0:
        raise Problem(f"the {edition} binary for {target} was not built")
    return folder / target / "release/byref"


def require_target(target: str) -> None:
    """Reports a target whose standard library is missing before anything is compiled for minutes."""
    library = Path(output_of("rustc", "--print", "target-libdir", "--target", target).strip())
    if not any(library.glob("libstd-*.rlib")):
        raise Problem(f"Rust's standard library for {target} is missing: `rustup target add {target}`")


def environment(target: str) -> dict[str, str]:
    """Returns the environment of a build whose binary names no folder of this machine and no time but the release's."""
    cargo_home = os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
    remapped = {cargo_home: "/cargo", str(ROOT): "/byref"}
    rust = [os.environ.get("RUSTFLAGS", ""), *(f"--remap-path-prefix={old}={new}" for old, new in remapped.items())]
    c = [f"-ffile-prefix-map={old}={new}" for old, new in remapped.items()]
    return os.environ | {
        "PATH": f"{tools()}:{os.environ['PATH']}",
        "CARGO_INCREMENTAL": "0",
        "SOURCE_DATE_EPOCH": str(epoch()),
        "RUSTFLAGS": " ".join(filter(None, rust)),
        f"CFLAGS_{target.replace('-', '_')}": " ".join(c),
    }


def tools() -> Path:
    """Installs cargo-zigbuild and zig unless they are there, and returns the folder of their commands."""
    requirements = Path(__file__).parents[1] / "requirements.txt"
    installed = TOOLS / "requirements.txt"
    if not installed.is_file() or installed.read_bytes() != requirements.read_bytes():
        output_of(sys.executable, "-m", "venv", "--clear", TOOLS)
        output_of(TOOLS / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                  "--only-binary", ":all:", "--require-hashes", "-r", requirements)
        installed.write_bytes(requirements.read_bytes())
    return TOOLS / "bin"
