"""Readers of reports in every form, which hold them against the schemas of others."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import xmlschema

from support import ROOT

_SCHEMAS = Path(__file__).parent / "schemas"
_SARIF = jsonschema.Draft4Validator(
    json.loads((_SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
)
_JUNIT = xmlschema.XMLSchema(str(_SCHEMAS / "junit-10.xsd"))
_DOCUMENT = json.loads(
    (ROOT / "src" / "qartifacts" / "render" / "report.schema.json").read_text(encoding="utf-8")
)
#: The schema of one report.
REPORT = {"$defs": _DOCUMENT["$defs"], "$ref": "#/$defs/report"}

FORMS = ("text", "json", "jsonl", "sarif", "github", "junit")


def read_sarif(text: str) -> dict[str, Any]:
    document = json.loads(text)
    _SARIF.validate(document)
    (run,) = document["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == [
        each["ruleId"] for each in run["results"]
    ]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert {rule["id"] for rule in rules} == {each["ruleId"] for each in run["results"]}
    for result in run["results"]:
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        # RFC 3986: nothing else may stand in a URI, and a percent sign only before two digits.
        assert re.fullmatch(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-F]{2})+", uri), uri
        # It is text: there is no half of a character in it.
        json.dumps(result, ensure_ascii=False).encode("utf-8")
    loaded: dict[str, Any] = run
    return loaded


def read_junit(text: str) -> ET.Element:
    _JUNIT.validate(text)
    root = ET.fromstring(text)
    (suite,) = root
    cases = suite.findall("testcase")
    for element in (root, suite):
        assert int(element.attrib["tests"]) == len(cases)
        assert int(element.attrib["failures"]) == len(suite.findall("testcase/failure"))
        assert int(element.attrib["errors"]) == len(suite.findall("testcase/error"))
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
    return suite


def read_github(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Commands as the runner of GitHub's workflows reads them, line by line."""
    commands = []
    assert text == "" or text.endswith("\n")
    for line in text.split("\n")[:-1]:
        assert line.startswith("::")
        head, data = line[2:].split("::", 1)
        command, _, properties = head.partition(" ")
        read = dict(each.split("=", 1) for each in properties.split(","))
        for name, value in read.items():
            for escape, character in {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}.items():
                value = value.replace(escape, character)
            read[name] = value.replace("%25", "%")
        data = data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        commands.append((command, read, data))
    return commands


def read_text(text: str) -> list[str]:
    lines = text.split("\n")
    assert lines.pop() == ""
    assert all(line.isprintable() for line in lines)
    return lines


def read_json(text: str) -> dict[str, Any]:
    assert text.isascii()
    document: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator(_DOCUMENT).validate(document)
    json.dumps(document["reports"], ensure_ascii=False).encode("utf-8")
    return document


def read_jsonl(text: str) -> list[Any]:
    assert text.isascii()
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


READERS: dict[str, Callable[[str], Any]] = {
    "text": read_text,
    "json": read_json,
    "jsonl": read_jsonl,
    "sarif": read_sarif,
    "github": read_github,
    "junit": read_junit,
}


def undoubled(message: str) -> str:
    """A SARIF message as a viewer shows it that fills in no arguments."""
    assert not re.search(r"\[[^\]]*\]\([^)]*\)", message), "no link was meant"
    assert "{" not in message.replace("{{", "")
    assert "}" not in message.replace("}}", "")
    return message.replace("{{", "{").replace("}}", "}")
