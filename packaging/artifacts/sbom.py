"""The bill of materials: every crate in a binary, in CycloneDX 1.6 as JSON.

It is made here because cargo-cyclonedx writes a file beside every manifest of the workspace, with the time of the run in it.
"""

import json
import uuid
from datetime import UTC, datetime

from .crates import Crate
from .project import Release


def text(release: Release, crates: list[Crate]) -> bytes:
    """Returns the bill of one binary. The first crate is the binary's own, and its component is the product."""
    product, *libraries = crates
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(release.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": component(product) | {"type": "application", "name": release.name},
            "properties": [{"name": "byref:target", "value": release.target}],
        },
        "components": [component(crate) for crate in libraries],
        "dependencies": [{"ref": crate.url, "dependsOn": list(crate.needs)} for crate in crates],
    }
    # CycloneDX wants a UUID for each bill: one that follows from the content keeps the file reproducible.
    bill["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(bill, sort_keys=True)).urn
    return (json.dumps(bill, indent=1, sort_keys=True) + "\n").encode()


def component(crate: Crate) -> dict:
    entry = {"type": "library", "bom-ref": crate.url, "name": crate.name, "version": crate.version}
    if crate.is_published:
        entry["purl"] = crate.url
    if crate.licence:
        # Old crates separate alternatives by a slash; SPDX has a word for it.
        entry["licenses"] = [{"expression": crate.licence.replace(" / ", "/").replace("/", " OR ")}]
    return entry
