"""Validates the templates that standard input names, one a line; writes what is found, as cfn-lint's JSON."""

import json
import sys

from cloudformation_validate import CompositeEngine

engine = CompositeEngine()
found = []
for path in sys.stdin.read().splitlines():
    try:
        report = engine.validate_template(path)
    except Exception as error:  # what can't be read at all is a finding too
        found.append({"Filename": path, "Rule": {"Id": type(error).__name__}})
        continue
    for diagnostic in report.diagnostics:
        if diagnostic.severity.name in ("WARN", "ERROR", "FATAL"):
            found.append({"Filename": path, "Rule": {"Id": diagnostic.rule_id}})
json.dump(found, sys.stdout)
