"""Prints what CloudFormation calls to make, read, change and delete resources of these types, as JSON.

    resource_permissions.py AWS::Lambda::Function ...

The actions are those of CloudFormation's own resource schemas, as cfn-lint ships them; it runs on cfn-lint's Python.
"""

import json
import sys
from pathlib import Path

import cfnlint

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"
FILES = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())


def permissions(resource_type: str) -> list[str]:
    schema = json.loads((SCHEMAS / "resources" / f"{FILES[resource_type]}.json").read_text())
    handlers = schema["handlers"]
    return sorted({action for name in handlers if name != "list" for action in handlers[name]["permissions"]})


json.dump({resource_type: permissions(resource_type) for resource_type in sys.argv[1:]}, sys.stdout)
