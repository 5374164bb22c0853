"""The crates in a binary: `cargo tree` names them, and `cargo metadata` has the facts about each."""

import json
from dataclasses import dataclass
from pathlib import Path

from .project import EDITIONS, Release, output_of


@dataclass(frozen=True)
class Crate:
    """A crate of one version: what Cargo knows of it, and the package URLs of the crates that it needs in the binary."""

    name: str
    version: str
    licence: str | None
    folder: Path
    is_published: bool
    needs: tuple[str, ...]

    @property
    def url(self) -> str:
        """The package URL; also of the project's own crates, as their name in the bill of materials."""
        return package_url(self.name, self.version)


def package_url(name: str, version: str) -> str:
    return f"pkg:cargo/{name}@{version}"


def linked(release: Release) -> list[Crate]:
    """Returns the crates that are linked into a binary, sorted, the command line's own first."""
    chosen = ("--locked", "-p", "byref-cli", "--target", release.target, *EDITIONS[release.edition][1])
    tree = output_of("cargo", "tree", *chosen, "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}")
    # `name v1.2.3`, and a folder or a mark behind it.
    names = {(line.split()[0], line.split()[1].removeprefix("v")) for line in tree.splitlines()}
    # Its features are those of the whole workspace with its tests, so `cargo tree` decides what is in the binary.
    metadata = json.loads(output_of("cargo", "metadata", "--format-version", "1", "--locked"))
    packages = {package["id"]: package for package in metadata["packages"] if (package["name"], package["version"]) in names}
    nodes = (node for node in metadata["resolve"]["nodes"] if node["id"] in packages)
    found = [crate(packages[node["id"]], [packages[need] for need in normal(node) if need in packages]) for node in nodes]
    return sorted(found, key=lambda crate: (crate.name != "byref-cli", crate.url))


def normal(node: dict) -> list[str]:
    """Returns the packages that one needs for more than its tests and its build script."""
    return [other["pkg"] for other in node["deps"] if any(kind["kind"] is None for kind in other["dep_kinds"])]


def crate(package: dict, needs: list[dict]) -> Crate:
    urls = {package_url(need["name"], need["version"]) for need in needs}
    folder = Path(package["manifest_path"]).parent
    return Crate(package["name"], package["version"], package["license"], folder, bool(package["source"]), tuple(sorted(urls)))
