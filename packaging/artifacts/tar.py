"""Tar files whose bytes follow from their content: sorted, of one time, and owned by no user of this machine."""

import io
import tarfile


def packed(files: dict[str, bytes], epoch: int, executables: frozenset[str] = frozenset()) -> bytes:
    """Returns a tar file of these files, by path; those that are executables get the mode for it."""
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mtime = epoch
            entry.mode = 0o755 if name in executables else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return result.getvalue()
