#!/usr/bin/env python3
"""Writes the table of the properties that take a secret: `src/resource/secret_properties.rs`.

The source is the set of CloudFormation's resource schemas that cfn-lint packages; run this with a Python that has the
cfn-lint of `tests/requirements.txt`. A string property is in the table when its name ends in a secret's word, unless it
can only be read, is an enumeration, takes an ARN, or is one of the exceptions below.

    target/cfn-lint/bin/python crates/cloudformation/tools/secret_properties.py           # writes
    target/cfn-lint/bin/python crates/cloudformation/tools/secret_properties.py --check   # compares; exits with 1 on a difference
"""

import json
import re
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src" / "resource" / "secret_properties.rs"

ENDS = re.compile(
    r"(Password|Passphrase|Secret|SecretKey|AccessKey|Token|ApiKey|ApiKeyValue|TokenValue|PrivateKey|AuthKey|"
    r"PreSharedKey|SharedKey|SecretString|TokenKey|JwtToken|accessToken)$"
)

# Names that end like a secret and are none: idempotency tokens, tokens for optimistic locking, what is public.
NOT_SECRET = {"ClientToken", "VersionToken", "BillingToken", "EventSourceToken", "ServiceToken", "NextToken", "RemovePrivateKey"}

# Whole paths that are none, and why.
NOT_HERE = [
    (r"^AWS::AppMesh::", "PrivateKey$", "the path of a file in the proxy's container"),
    (r"^AWS::EC2::Ipam", "Token", "published in the DNS"),
    (r"^AWS::SecurityAgent::TargetDomain$", "Token$", "published in the DNS or by HTTP"),
    (r"^AWS::FSx::", "DomainJoinServiceAccountSecret$", "an ARN"),
    (r"^AWS::MediaPackage::", "CdnIdentifierSecret$", "an ARN"),
    (r"^AWS::Cognito::UserPoolClient$", "^TokenValidityUnits/", "units of time"),
]

# Secrets whose names don't say it.
MORE = [("AWS::ApiGateway::ApiKey", "Value")]

MAX_DEPTH = 14


def resolve(schema, node):
    for _ in range(10):
        if "$ref" not in node:
            return node
        node = schema.get("definitions", {}).get(node["$ref"].split("/")[-1], {})
    return node


def strings(schema, node, path, seen, found):
    """Adds the paths of all string properties below a node; items of lists are `*`."""
    if len(path) > MAX_DEPTH or node.get("$ref") in seen:
        return
    seen = seen | {node["$ref"]} if "$ref" in node else seen
    node = resolve(schema, node)
    for key in ("oneOf", "anyOf", "allOf"):
        for variant in node.get(key, []):
            if isinstance(variant, dict):
                strings(schema, variant, path, seen, found)
    kinds = node.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    for name, child in node.get("properties", {}).items():
        strings(schema, child, path + [name], seen, found)
    if isinstance(node.get("items"), dict):
        strings(schema, node["items"], path + ["*"], seen, found)
    if "string" in kinds and "properties" not in node and "enum" not in node:
        takes_arn = "arn:" in (node.get("pattern") or "").lower()
        if path and not takes_arn:
            found.add("/".join(path))


def takes_secret(kind, path):
    leaf = [step for step in path.split("/") if step != "*"][-1]
    if leaf in NOT_SECRET or not ENDS.search(leaf):
        return False
    return not any(re.search(type_, kind) and re.search(end, path) for type_, end, _ in NOT_HERE)


def table():
    import cfnlint

    folder = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
    rows = set(MORE)
    for file in sorted(folder.glob("*.json")):
        schema = json.loads(file.read_text(encoding="utf-8"))
        found = set()
        for name, node in schema.get("properties", {}).items():
            strings(schema, node, [name], frozenset(), found)
        read_only = {path.removeprefix("/properties/") for path in schema.get("readOnlyProperties", [])}
        rows |= {(schema["typeName"], path) for path in found - read_only if takes_secret(schema["typeName"], path)}
    return sorted(rows)


def rendered(rows):
    lines = [f'    ("{kind}", "{path}"),' for kind, path in rows]
    return "\n".join(
        [
            "//! Properties that take a secret, from CloudFormation's schemas: written by `tools/secret_properties.py`.",
            "",
            "/// Resource types with the paths of their properties that take a secret, sorted; `*` is any item of a list.",
            "#[rustfmt::skip]",
            f"pub(super) static SECRET_PROPERTIES: [(&str, &str); {len(rows)}] = [",
            *lines,
            "];",
            "",
        ]
    )


def main():
    text = rendered(table())
    if "--check" in sys.argv[1:]:
        if TABLE.read_text(encoding="utf-8") != text:
            print("src/resource/secret_properties.rs differs from the schemas: run tools/secret_properties.py")
            return 1
        return 0
    TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
