"""Container images: for each edition a context, which is a folder with the Dockerfile and the files of each architecture,
and, where there is a builder, an image of all architectures as an OCI archive."""

import os
import shutil
import tempfile
from pathlib import Path

from . import tar
from .project import EDITIONS, ROOT, Problem, Release, epoch, licence_files, output_of, version

# The names that image builders have for architectures.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

# Where the AWS SDK looks for the certificates of authorities. An image from scratch has only those that are put there.
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


def write(release: Release, output: Path) -> Path:
    """Writes one architecture's part of the context and returns the context's folder."""
    context = output / "image" / release.name
    files = context / ARCHITECTURES[release.architecture]
    shutil.rmtree(files, ignore_errors=True)
    place(files / "usr/bin/byref", release.binary.read_bytes(), 0o755)
    for name, data in licence_files().items():
        place(files / "usr/share/doc/byref" / name, data, 0o644)
    if release.edition == "full":
        place(files / CERTIFICATES, certificates(), 0o644)
    place(context / "Dockerfile", (ROOT / "packaging/Dockerfile").read_bytes(), 0o644)
    return context


def build(edition: str, builder: str, output: Path) -> Path:
    """Builds the image of all architectures that have a part in the context, and returns its OCI archive."""
    name = EDITIONS[edition][0]
    context = output / "image" / name
    architectures = [architecture for architecture in ARCHITECTURES.values() if (context / architecture).is_dir()]
    platforms = ",".join(f"linux/{architecture}" for architecture in architectures)
    with tempfile.TemporaryDirectory() as folder:
        layout = Path(folder, "layout")
        run_builder(builder, context, platforms, f"{name}:{version()}", layout)
        files = {str(path.relative_to(layout)): path.read_bytes() for path in layout.rglob("*") if path.is_file()}
    archive = output / f"{name}-{version()}-image.tar"
    archive.write_bytes(tar.packed(files, epoch()))
    return archive


def run_builder(builder: str, context: Path, platforms: str, name: str, layout: Path) -> None:
    """Has a builder write the image as a folder in the OCI layout."""
    if builder == "docker":
        output_of("docker", "buildx", "build", "--platform", platforms, "--build-arg", f"SOURCE_DATE_EPOCH={epoch()}", "--provenance=false",
                  "--output", f"type=oci,tar=false,dest={layout},name={name},rewrite-timestamp=true", context)
    else:
        # buildah keeps images by name: one that is there already must not be in the way.
        manifest = f"byref-build-{os.getpid()}"
        output_of("buildah", "build", "--platform", platforms, "--timestamp", str(epoch()), "--manifest", manifest, context)
        output_of("buildah", "manifest", "push", "--all", manifest, f"oci:{layout}:{name}")
        output_of("buildah", "manifest", "rm", manifest)


def place(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def certificates() -> bytes:
    """Returns the certificates of this machine, or those that BYREF_CA_CERTIFICATES names."""
    path = Path(os.environ.get("BYREF_CA_CERTIFICATES", f"/{CERTIFICATES}"))
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(f"cannot read the certificates for the image, `{path}`: install ca-certificates, or set "
                      "BYREF_CA_CERTIFICATES to a file in PEM form") from error
