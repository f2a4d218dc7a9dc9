"""Prints what `sam deploy` makes of template.yaml for each environment of samconfig.toml, as JSON.

    translate.py '{"NAME": {"PARAMETER": "VALUE", ...}, ...}'

An environment has its region, its parameters, its tags and its template: plain CloudFormation, with the environment's
values as the parameters' defaults. Each NAME is one more: the default environment with these parameters. Nothing is
asked of AWS. It runs on the Python of the SAM CLI, whose own code reads both files.
"""

import json
import sys
from pathlib import Path

from samcli.cli.types import CfnParameterOverridesType, CfnTags
from samcli.lib.config.samconfig import SamConfig
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

PROJECT = Path(__file__).resolve().parents[2]


def environments() -> list[str]:
    config = SamConfig(str(PROJECT))
    return [name for name in config.document if name != "version"]


def describe(environment: str, further: dict[str, str]) -> dict:
    settings = SamConfig(str(PROJECT)).get_all(["deploy"], "parameters", environment)
    parameters = CfnParameterOverridesType().convert(as_tuple(settings.get("parameter_overrides")), None, None)
    parameters |= further
    return {
        "region": settings.get("region"),
        "parameters": parameters,
        "tags": CfnTags().convert(as_tuple(settings.get("tags")), None, None),
        "template": translate(settings.get("region") or "us-east-1", parameters),
    }


def as_tuple(setting: str | None) -> tuple[str, ...]:
    return (setting,) if setting else ()


def translate(region: str, parameters: dict[str, str]) -> dict:
    template = yaml_parse((PROJECT / "template.yaml").read_text())
    for name, value in parameters.items():
        template["Parameters"][name]["Default"] = value
    # `sam deploy` has put the code into a bucket before AWS translates.
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    return Translator({}, Parser(), boto_session=Session(region)).translate(template, parameters)


class Session:
    """What the translator wants of an AWS session: the region's name, from which it knows the partition."""

    def __init__(self, region_name: str) -> None:
        self.region_name = region_name


described = {name: describe(name, {}) for name in environments()}
for name, parameters in json.loads(sys.argv[1]).items():
    described[name] = describe("default", parameters)
json.dump(described, sys.stdout)
