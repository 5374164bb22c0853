"""Archives: the binary with its licences, README, shell completions, manual pages and bill of materials."""

import gzip
import tempfile
from pathlib import Path

from . import licences, sbom, tar
from .crates import Crate
from .project import ROOT, Release, licence_files, output_of

# The file of each shell's completions, under the name by which the shell or its package manager looks for it.
COMPLETIONS = {"bash": "byref.bash", "zsh": "_byref", "fish": "byref.fish", "powershell": "_byref.ps1"}


def write(release: Release, crates: list[Crate], manual_from: Path, output: Path) -> Path:
    """Writes `NAME-VERSION-TARGET.tar.gz` and returns its path."""
    files = {f"{release.stem}/{name}": data for name, data in content(release, crates, manual_from).items()}
    archive = tar.packed(files, release.epoch, frozenset({f"{release.stem}/byref"}))
    path = output / f"{release.stem}.tar.gz"
    # The time of the run would be in the header.
    path.write_bytes(gzip.compress(archive, mtime=release.epoch))
    return path


def content(release: Release, crates: list[Crate], manual_from: Path) -> dict[str, bytes]:
    """Returns the files of an archive by their path in it."""
    files = {
        "byref": release.binary.read_bytes(),
        "README.md": (ROOT / "README.md").read_bytes(),
        "CHANGELOG.md": (ROOT / "CHANGELOG.md").read_bytes(),
        "THIRD-PARTY-LICENSES.txt": licences.text(release, crates),
        "byref.cdx.json": sbom.text(release, crates),
    }
    files |= licence_files()
    # The copyrights of Rust's standard library, where the toolchain has them.
    library = Path(output_of("rustc", "--print", "sysroot").strip(), "share/doc/rust/COPYRIGHT-library.html")
    if library.is_file():
        files["COPYRIGHT-rust-library.html"] = library.read_bytes()
    for shell, name in COMPLETIONS.items():
        files[f"completions/{name}"] = output_of(manual_from.resolve(), "completions", shell).encode()
    with tempfile.TemporaryDirectory() as folder:
        output_of(manual_from.resolve(), "man", "--output-dir", folder)
        files |= {f"man/{page.name}": page.read_bytes() for page in Path(folder).iterdir()}
    return files
