"""The licence texts of everything in a binary, which these licences ask to be passed on with it."""

from pathlib import Path

from .binary import tools
from .crates import Crate
from .project import Problem, Release, output_of

# The beginnings of the names, in capitals, under which crates keep their licences and notices.
NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")


def text(release: Release, crates: list[Crate]) -> bytes:
    """Returns every text once, with the crates that it belongs to. Crates that bring none are named with their SPDX expression."""
    owners: dict[str, list[str]] = {}
    if release.target.endswith("-musl"):
        for name, path in runtime().items():
            owners.setdefault(path.read_text(), []).append(name)
    for crate in crates:
        if crate.is_published:
            for licence in texts(crate):
                owners.setdefault(licence, []).append(f"{crate.name} {crate.version}")
    parts = [f"{', '.join(names)}\n\n{licence.strip()}\n" for licence, names in owners.items()]
    return f"\n{'=' * 80}\n\n".join(parts).encode()


def texts(crate: Crate) -> list[str]:
    files = [path for path in sorted(crate.folder.iterdir()) if path.is_file() and path.name.upper().startswith(NAMES)]
    found = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    return found or [f"Licensed under {crate.licence}; the crate has no file with the text."]


def runtime() -> dict[str, Path]:
    """Returns the licence of the C library and the unwinder, which a static binary holds too, in the copies that zig has."""
    zig = Path(output_of(tools() / "python", "-c", "import ziglang; print(ziglang.__path__[0])").strip()) / "lib"
    found = {"musl": zig / "libc/musl/COPYRIGHT", "LLVM libunwind": zig / "libunwind/LICENSE.TXT"}
    for name, path in found.items():
        if not path.is_file():
            raise Problem(f"the licence of {name} is not in `{path}`")
    return found
