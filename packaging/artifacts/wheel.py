"""Wheels: the binary as a Python distribution, which pip and pre-commit install without Rust."""

import base64
import hashlib
import io
import time
import tomllib
import zipfile
from pathlib import Path

from . import licences, sbom
from .crates import Crate
from .project import ROOT, Release, licence_files

# The machines that a target's binary runs on, in pip's words. A static binary runs with any C library.
PLATFORMS = {
    "x86_64-unknown-linux-musl": "manylinux2014_x86_64.musllinux_1_1_x86_64",
    "aarch64-unknown-linux-musl": "manylinux2014_aarch64.musllinux_1_1_aarch64",
}


def write(release: Release, crates: list[Crate], output: Path) -> Path:
    """Writes the wheel and returns its path."""
    distribution = f"{release.name.replace('-', '_')}-{release.version}"
    platform = PLATFORMS.get(release.target, f"linux_{release.architecture}")
    information = f"{distribution}.dist-info"
    files = {
        f"{distribution}.data/scripts/byref": release.binary.read_bytes(),
        f"{information}/METADATA": metadata(release),
        f"{information}/WHEEL": tags(platform),
        f"{information}/sboms/byref.cdx.json": sbom.text(release, crates),
        f"{information}/licenses/THIRD-PARTY-LICENSES.txt": licences.text(release, crates),
    }
    files |= {f"{information}/licenses/{name}": data for name, data in licence_files().items()}
    files[f"{information}/RECORD"] = record(files, f"{information}/RECORD")
    path = output / f"{distribution}-py3-none-{platform}.whl"
    path.write_bytes(packed(release, files))
    return path


def metadata(release: Release) -> bytes:
    """Returns the core metadata; pyproject.toml has the words for the distribution that pip builds from the sources."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = ["Metadata-Version: 2.4", f"Name: {release.name}", f"Version: {release.version}", f"Summary: {project['description']}",
             f"License-Expression: {project['license']}"]
    lines += [f"License-File: {name}" for name in sorted([*licence_files(), "THIRD-PARTY-LICENSES.txt"])]
    lines += [f"Requires-Python: {project['requires-python']}", "Description-Content-Type: text/markdown", ""]
    return "\n".join([*lines, (ROOT / project["readme"]).read_text()]).encode()


def tags(platform: str) -> bytes:
    lines = ["Wheel-Version: 1.0", "Generator: byref", "Root-Is-Purelib: false"]
    return "\n".join([*lines, *(f"Tag: py3-none-{name}" for name in platform.split(".")), ""]).encode()


def record(files: dict[str, bytes], own: str) -> bytes:
    """Returns the list of files with the digests by which pip proves them; the list itself has none."""
    lines = []
    for name, data in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}\n")
    return "".join([*lines, f"{own},,\n"]).encode()


def packed(release: Release, files: dict[str, bytes]) -> bytes:
    """Zips files so that the same content gives the same bytes: sorted, with one time and fixed modes."""
    result = io.BytesIO()
    # A zip file knows no time before 1980.
    moment = time.gmtime(max(release.epoch, 315532800))[:6]
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, moment)
            entry.create_system = 3  # Unix, so that the mode counts
            entry.external_attr = (0o100755 if name.endswith(".data/scripts/byref") else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return result.getvalue()
