"""The catalogue of codes: what each finding means, why it matters, and how to fix it.

Codes are stable within a major version. ``QA0xx`` is about reading and recognising a source,
``QA1xx`` about the pinned schema, ``QA2xx`` about rules that no schema states, ``QA3xx`` about
what two files say of each other. ``QA250`` to ``QA259`` are about documents of devices, ``QA260``
to ``QA269`` about records of jobs, ``QA270`` to ``QA279`` about results as other clouds hand them
out, ``QA300`` to ``QA319`` about the files of one job, and ``QA350`` to ``QA359`` about a result
and the device that it ran on.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from qartifacts.identifiers import (
    AGGREGATE_V1,
    AZURE_V2,
    BRAKET_V1,
    HISTOGRAM_V1,
    HISTOGRAM_V2,
    IBM_CONFIGURATION,
    IBM_PROPERTIES,
    IONQ_CHARACTERIZATION,
    NATIVE_V1,
    OLD_JOB,
    PROBABILITIES_V1,
    PROBABILITIES_V2,
    QAOA_JOB,
    QUANTUM_FUNCTION_JOB,
    SHOTS_V1,
    SHOTS_V2,
    SINGLE_CIRCUIT_JOB,
    FormatId,
)

__all__ = ["CODES", "Code", "Severity", "severity_of"]


class Severity(StrEnum):
    """How much a finding matters: errors fail, warnings fail when asked to, notes never do."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


def severity_of(code: str, raised: AbstractSet[str]) -> Severity:
    """What findings of a code are, if those of ``raised`` are errors."""
    return Severity.ERROR if code in raised else CODES[code].severity


class Code(NamedTuple):
    """One entry of the catalogue.

    Attributes:
        id: The code, such as ``QA201``.
        severity: What its findings are, unless the circumstances say otherwise.
        title: What is wrong, in a few words.
        why: Why that matters, in a sentence or two.
        remedy: What to do about it.
        example: A payload, or a situation in words, that gives the finding.
        format: The format under which ``example`` is a payload that gives the finding; None where
            the example is words.
        restates: Schema keywords that, failing at the same place, say the same as this rule. The
            rule's finding is then the only one, so that codes stay the same when the service
            publishes a stricter schema.
        ignorable: Whether the settings may ignore it: only what leaves the payload readable.
    """

    id: str
    severity: Severity
    title: str
    why: str
    remedy: str
    example: str
    format: FormatId | None = None
    restates: frozenset[str] = frozenset()
    ignorable: bool = False


_FROM_BELOW = frozenset({"minimum", "exclusiveMinimum"})
_FROM_ABOVE = frozenset({"maximum", "exclusiveMaximum"})
_NAMES = frozenset({"propertyNames", "additionalProperties"})
_WHOLE = frozenset({"type", "multipleOf"})
_BITS = _FROM_BELOW | _FROM_ABOVE | _WHOLE | {"enum"}

#: IBM's properties of one qubit with one parameter, given its date and unit, and how often.
_PROPERTIES = (
    '{{"backend_name": "ibm_a", "backend_version": "1.0.0", "last_update_date": '
    '"2026-01-01T00:00:00Z", "gates": [], "general": [], "qubits": [[{}]]}}'
)
_T1 = '{{"name": "T1", "date": "{}T00:00:00.000Z", "unit": "{}", "value": 100}}'

#: Results of Microsoft's format, given the histogram and what follows it.
_MICROSOFT = (
    '{{"DataFormat": "microsoft.quantum-results.v2", "Results": [{{"Histogram": [{}]{}}}]}}'
)
_OUTCOME = '{{"Outcome": {}, "Display": "{}", "Count": {}}}'
_ZERO_ONE = _OUTCOME.format("[0, 1]", "[0, 1]", 2)
#: A task result of Braket's, given its members but one, and the shots that were asked for.
_TASK = (
    '{{{}, "taskMetadata": {{"id": "a", "shots": {}, "deviceId": "b"}}, '
    '"additionalMetadata": {{}}}}'
)

#: A job of version 0.4, given its type, its times, its children, its results and its shots.
_JOB = (
    '{{"id": "e1a09d90-b2ba-4ea5-9fd7-4bfc14eac524", "status": "completed", "type": "{type}", '
    '"backend": "simulator", "dry_run": false, "submitter_id": "me", "project_id": null, '
    '"parent_job_id": null, "session_id": null, "metadata": null, "name": null, "submitted_at": '
    '"2026-06-11T20:47:05Z", "started_at": "2026-06-11T20:47:{started}Z", "completed_at": null, '
    '"predicted_wait_time_ms": null, "predicted_execution_duration_ms": null, '
    '"execution_duration_ms": null, "shots": {shots}, "failure": null, "output": {{}}, '
    '"settings": {{}}, "stats": {{}}, "results": {results}, "child_job_ids": {children}}}'
)


def _job(
    type: str = "quantum-function",
    *,
    started: str = "10",
    shots: str = "100",
    results: str = '{"value": 0.5}',
    children: str = "null",
) -> str:
    return _JOB.format(type=type, started=started, shots=shots, results=results, children=children)


_CHILD = '"06a2099c-f845-7208-8000-8111ee2dccbc"'


def _descriptor(id: str, format: str) -> str:
    return f'{{"id": "{id}", "format": "{format}", "media_type": "application/json"}}'


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_CATALOGUE = (
    # ------------------------------------------------------------------------------------------
    # QA0xx: reading
    Code(
        "QA001",
        _ERROR,
        "the file cannot be read",
        "A file that was found while walking a directory could not be opened or read to its end.",
        "Look at its permissions and at the disk; the message says what the system answered.",
        "a file without read permission in a directory that is checked",
    ),
    Code(
        "QA002",
        _ERROR,
        "the file is empty",
        "There is no JSON value. Downloads that were interrupted at once leave such files.",
        "Fetch the artifact again.",
        "\n",
        PROBABILITIES_V1,
    ),
    Code(
        "QA003",
        _ERROR,
        "this is not JSON",
        "The text breaks the grammar of RFC 8259. Some readers accept comments, single quotes or "
        "trailing commas, others refuse them, so such a file means different things to each.",
        "Write the file with a JSON encoder rather than by hand or with print().",
        "{'0': 0.5}",
        PROBABILITIES_V1,
    ),
    Code(
        "QA004",
        _ERROR,
        "the text ends too early",
        "The document is not closed: the file was truncated while it was written or downloaded.",
        "Fetch the artifact again. Write files to a new name first and rename them when whole.",
        '{"0": 0.5, "3": 0.',
        PROBABILITIES_V1,
    ),
    Code(
        "QA005",
        _ERROR,
        "text follows the document",
        "A file holds one JSON document. What follows would be dropped silently by some readers.",
        "Keep one payload per file.",
        '{"0": 1}{"1": 1}',
        PROBABILITIES_V1,
    ),
    Code(
        "QA006",
        _ERROR,
        "this is not UTF-8",
        "JSON that is exchanged is UTF-8. Other encodings, and packed files, are not such text.",
        "Re-encode the file as UTF-8, or unpack it first.",
        "a file that begins with the bytes FF FE, as UTF-16 does",
    ),
    Code(
        "QA007",
        _ERROR,
        "a byte-order mark stands first",
        "RFC 8259 forbids it, and many readers refuse such a file.",
        "Save the file as UTF-8 without a byte-order mark.",
        '\ufeff{"0": 1}',
        PROBABILITIES_V1,
    ),
    Code(
        "QA008",
        _ERROR,
        "a key occurs twice in one object",
        "Most readers keep the last value and drop the others without a word, and with them "
        "shots or probability.",
        "Find out which value is meant; where two results were merged by hand, add them up.",
        '{"0": 0.5, "0": 0.5}',
        PROBABILITIES_V1,
    ),
    Code(
        "QA009",
        _ERROR,
        "NaN or infinity is not JSON",
        "Some encoders write NaN and Infinity by default. No JSON reader has to accept them, and "
        "no probability or count can be one.",
        "Correct the computation that gave it; encode with allow_nan=False.",
        '{"0": NaN}',
        PROBABILITIES_V1,
    ),
    Code(
        "QA010",
        _ERROR,
        "a number is beyond the range of a double",
        "Readers turn it into infinity, or refuse the file.",
        "Correct the number.",
        '{"0": 1e400}',
        HISTOGRAM_V1,
    ),
    Code(
        "QA011",
        _ERROR,
        "an integer of thousands of digits",
        "Converting it takes time that grows with the square of its length, so readers refuse it "
        "to stay alive.",
        "Correct the number.",
        "an integer of 5,000 digits",
    ),
    Code(
        "QA012",
        _ERROR,
        "a lone surrogate",
        "An escape from \\ud800 to \\udfff is half of a character, and the other half is missing. "
        "Such text cannot be written as UTF-8 again.",
        "Write the whole character, or both halves of it.",
        '{"histogram": {"registers": {"\\ud83d": {"0": 1}}}}',
        HISTOGRAM_V2,
    ),
    Code(
        "QA013",
        _ERROR,
        "the source is larger than the limit",
        "Reading stops at a limit so that a hostile file, or a small archive that unpacks to a "
        "huge one, cannot fill the memory.",
        "If the file is genuine, raise the limit: --max-bytes, or max_bytes of the settings.",
        "a .gz file that unpacks to 600 MiB",
    ),
    Code(
        "QA014",
        _ERROR,
        "the document is nested too deeply",
        "No format nests deeper than a few levels; thousands of levels are a way to crash readers.",
        "If the file is genuine, raise the limit: --max-depth, or max_depth of the settings.",
        "[" * 70 + "]" * 70,
        SHOTS_V1,
    ),
    Code(
        "QA015",
        _ERROR,
        "the document has too many values",
        "A small file can unfold to a huge number of objects in memory.",
        "If the file is genuine, raise the limit: --max-values, or max_values of the settings.",
        "an array of 200 million zeros",
    ),
    Code(
        "QA016",
        _ERROR,
        "the packed data is broken",
        "The packed file, or the archive, is truncated or damaged, or is not what its name says.",
        "Fetch or pack it again.",
        "a .gz file that lacks its last byte",
    ),
    Code(
        "QA017",
        _ERROR,
        "the parsed object is not JSON",
        "JSON has string keys, lists, dicts, text, numbers, true, false and null. An int as a key "
        "would become text on the way to a file, perhaps the text of another key.",
        "Convert the object first: str() for keys, tolist() for arrays.",
        "the Python object {0: 0.5, 3: 0.5}, whose keys are integers",
    ),
    Code(
        "QA018",
        _NOTE,
        "something is left unopened",
        "A walk does not follow links to directories, which may lead in a circle. Of an archive, "
        "links, devices and further archives are not opened. What they hold is not checked.",
        "If it is to be checked, name it: a link that is named is followed. Unpack archives that "
        "hold archives.",
        "a link to a directory in a directory that is checked",
    ),
    Code(
        "QA019",
        _ERROR,
        "the check was cut off",
        "Process after process was killed that checked it, mostly because there is not enough "
        "memory. Nothing is known of the payload.",
        "Check it by itself, or refuse payloads of its size: --max-bytes.",
        "a payload of 500 MB on a machine with less memory than that",
    ),
    Code(
        "QA020",
        _ERROR,
        "the format cannot be told",
        "Neither the caller nor a job record nor the name of the file says what it is, and its "
        "content is like no pinned format.",
        "Name the format with --format, or put its identifier into the file's name.",
        '{"hello": "world"}',
    ),
    Code(
        "QA021",
        _ERROR,
        "the format is ambiguous",
        "The content fits several formats, and guessing would be wrong half of the time: "
        '{"0": 1} is one shot in a histogram and certainty in a distribution.',
        "Name the format with --format, or put its identifier into the file's name.",
        '{"0": 1}',
    ),
    Code(
        "QA022",
        _ERROR,
        "the format is not pinned",
        "The file's name or the job record names a format that the registry in use does not hold.",
        "Use a registry that holds it, or check the identifier for a typing mistake.",
        "a file named result.ionq.result.shots.json.v99.json",
    ),
    Code(
        "QA023",
        _WARNING,
        "the name is not UTF-8",
        "The name has bytes that are not UTF-8. Reports can only paraphrase it, and other systems "
        "and programs refuse it.",
        "Rename the file.",
        "a file whose name holds the byte E9, which is an e with an accent in Latin-1",
    ),
    # ------------------------------------------------------------------------------------------
    # QA1xx: the pinned schema
    Code(
        "QA101",
        _ERROR,
        "a value of the wrong type",
        'The schema asks for another JSON type here. true is not a number, and "1" is not 1.',
        "Write the type that the message names.",
        '{"0": "0.5", "1": 0.5}',
        PROBABILITIES_V1,
    ),
    Code(
        "QA102",
        _ERROR,
        "a required member is missing",
        "Readers look for this member and find nothing.",
        "Add the member; often the payload belongs to another format or version.",
        '{"probabilities": {"output_all": {"0": 1}}}',
        PROBABILITIES_V2,
    ),
    Code(
        "QA103",
        _ERROR,
        "a member that the schema does not allow",
        "The schema closes this object. A misspelt name is the usual reason.",
        "Correct the name, or take the member out.",
        '{"qubits": 1, "circuit": [{"gate": "gpi", "target": 0, "phaze": 0.5}]}',
        NATIVE_V1,
    ),
    Code(
        "QA104",
        _ERROR,
        "a value that the schema does not list",
        "The schema lists the values that may stand here.",
        "Use one of them.",
        "a value outside the enum of a pinned schema",
    ),
    Code(
        "QA105",
        _ERROR,
        "a number outside the schema's range",
        "The schema bounds the numbers that may stand here.",
        "Correct the number, or look for the computation that gave it.",
        "a number below the minimum of a pinned schema",
    ),
    Code(
        "QA106",
        _ERROR,
        "a text or name of the wrong form",
        "The schema gives a pattern for texts or names here.",
        "Write it in the form that the message shows.",
        "a member name that fails the propertyNames of a pinned schema",
    ),
    Code(
        "QA107",
        _ERROR,
        "too few, too many, or not unique",
        "The schema bounds the length of this text, array or object, or wants its items unique.",
        "Add or take out what the message says.",
        "an array shorter than the minItems of a pinned schema",
    ),
    Code(
        "QA108",
        _ERROR,
        "no variant of the schema fits",
        "The schema offers variants (anyOf, oneOf, if, not), and the value fits none, or too many.",
        "Decide which variant is meant; the message tells the closest one.",
        "a value that fails every branch of an anyOf of a pinned schema",
    ),
    Code(
        "QA109",
        _ERROR,
        "a member that another one requires is missing",
        "The schema says that one member is only allowed together with another.",
        "Add the other member, or take out the first.",
        "an object that fails the dependencies of a pinned schema",
    ),
    Code(
        "QA199",
        _ERROR,
        "the schema refuses the value",
        "A keyword of the pinned schema that has no code of its own is not satisfied.",
        "See the message for the keyword.",
        "a value under the schema false",
    ),
    # ------------------------------------------------------------------------------------------
    # QA2xx: rules
    Code(
        "QA200",
        _ERROR,
        "the structure is not that of the format",
        "The pinned schema lets it pass, but nobody could read states, counts or bits from it.",
        "Compare with the format's published example in docs/formats.md.",
        "a histogram of texts under a pinned schema that asks for no types",
    ),
    Code(
        "QA201",
        _ERROR,
        "the probabilities do not sum to 1",
        "The distribution is incomplete or was normalised wrongly; counts made from it would be "
        "invented. The sum, computed exactly, differs from 1 by more than 0.001.",
        "Look for missing outcomes, or for a distribution that was scaled. If the data is meant "
        "to be so, raise sum_limit of the settings.",
        '{"0": 0.5, "3": 0.4}',
        PROBABILITIES_V1,
        ignorable=True,
    ),
    Code(
        "QA202",
        _WARNING,
        "the probabilities sum to nearly 1",
        "The sum is off by more than 0.000001, which rounding to ten digits explains only where "
        "there are very many outcomes.",
        "Often harmless: values were rounded to few digits. Look for missing rare outcomes.",
        '{"0": 0.5, "3": 0.4999}',
        PROBABILITIES_V1,
        ignorable=True,
    ),
    Code(
        "QA203",
        _ERROR,
        "a probability outside 0 to 1",
        "No outcome is less likely than never or more likely than always. Quasi-probabilities of "
        "some mitigation methods are negative, but these formats do not hold such.",
        "Percentages have to be divided by 100, counts by the number of shots.",
        '{"0": 1.5, "1": -0.5}',
        PROBABILITIES_V1,
        restates=_FROM_BELOW | _FROM_ABOVE,
    ),
    Code(
        "QA204",
        _ERROR,
        "a distribution without outcomes",
        "Probabilities of nothing cannot sum to 1.",
        "Fetch the result again; a job that failed has no distribution.",
        "{}",
        PROBABILITIES_V1,
        restates=frozenset({"minProperties"}),
        ignorable=True,
    ),
    Code(
        "QA205",
        _NOTE,
        "outcomes that never occurred",
        "Entries of zero are kept as they are. They change no count, but they do change the "
        "number of outcomes that are listed.",
        "Nothing has to be done.",
        '{"0": 1, "1": 0}',
        PROBABILITIES_V1,
        ignorable=True,
    ),
    Code(
        "QA206",
        _ERROR,
        "a key is not a decimal state",
        "In version 1, a key is the state as a decimal integer, qubit 0 its least significant "
        'bit: "0", "1", "27", in ASCII digits, without sign, spaces or leading zeros.',
        'Keys such as "011" are bitstrings: convert them knowing their bit order, or use version '
        "2 of the format.",
        '{"00": 0.5, "11": 0.5}',
        PROBABILITIES_V1,
        restates=_NAMES,
    ),
    Code(
        "QA207",
        _ERROR,
        "a key is not a bitstring",
        "In version 2, a key holds one character 0 or 1 for each bit of the register.",
        'Keys such as "3" are decimal states of version 1: convert them, given the qubits.',
        '{"probabilities": {"registers": {"output_all": {"3": 1}}}}',
        PROBABILITIES_V2,
        restates=_NAMES,
    ),
    Code(
        "QA208",
        _ERROR,
        "bitstrings of different width in one register",
        "A register has one width. Where zeros were cut off, nobody knows at which end.",
        "Write every key with all bits of the register.",
        '{"histogram": {"registers": {"c": {"00": 5, "1": 5}}}}',
        HISTOGRAM_V2,
        restates=_NAMES,
    ),
    Code(
        "QA209",
        _ERROR,
        "a state of thousands of digits",
        "A decimal key of more than 4,300 digits would take too long to read as a number.",
        "Correct the key, or use version 2 of the format, whose bitstrings have no such limit.",
        "a key of 5,000 digits in a histogram of version 1",
        restates=_NAMES,
    ),
    Code(
        "QA210",
        _ERROR,
        "a count is not a whole number",
        "A histogram counts shots. Fractions are the sign of probabilities, or of weighted counts.",
        "Use the format of probabilities, or write whole counts.",
        '{"0": 500.5, "3": 499.5}',
        HISTOGRAM_V1,
        restates=_WHOLE,
    ),
    Code(
        "QA211",
        _ERROR,
        "a negative count",
        "A histogram counts shots, and no outcome occurred fewer than zero times.",
        "Look for the subtraction that gave it.",
        '{"0": 501, "3": -1}',
        HISTOGRAM_V1,
        restates=_FROM_BELOW,
    ),
    Code(
        "QA212",
        _ERROR,
        "a count too large to be exact",
        "Counts beyond 9,007,199,254,740,991 (2**53 - 1) change when readers hold numbers as "
        "doubles, and no job has that many shots.",
        "Correct the count.",
        '{"0": 9007199254740993}',
        HISTOGRAM_V1,
        restates=_FROM_ABOVE,
    ),
    Code(
        "QA213",
        _ERROR,
        "registers count different numbers of shots",
        "Every register is measured once a shot, so all of them add up to the same total.",
        "Shots were lost or counted twice in one register: build the histogram again from shots.",
        '{"histogram": {"registers": {"a": {"0": 10}, "b": {"0": 5, "1": 4}}}}',
        HISTOGRAM_V2,
    ),
    Code(
        "QA214",
        _WARNING,
        "a histogram without outcomes",
        "It says that there were no shots. That is possible, and rarely meant.",
        "Fetch the result again if the job had shots.",
        "{}",
        HISTOGRAM_V1,
        restates=frozenset({"minProperties"}),
        ignorable=True,
    ),
    Code(
        "QA220",
        _WARNING,
        "no shots",
        "The payload is well formed and holds nothing. That is possible, and rarely meant.",
        "Fetch the result again if the job had shots.",
        '{"shots": []}',
        SHOTS_V2,
        restates=frozenset({"minItems"}),
        ignorable=True,
    ),
    Code(
        "QA221",
        _ERROR,
        "a bit is neither 0 nor 1",
        "Element k of a register's array is bit k of one measurement.",
        "Write 0 or 1.",
        '{"shots": [{"registers": {"output_all": [0, 2]}}]}',
        SHOTS_V2,
        restates=_BITS,
    ),
    Code(
        "QA222",
        _ERROR,
        "a register changes its width",
        "A register has the same number of bits in every shot; most shots have another width.",
        "Write all bits of every shot.",
        '{"shots": [{"registers": {"c": [0, 1]}}, {"registers": {"c": [0]}}]}',
        SHOTS_V2,
        restates=frozenset({"minItems", "maxItems"}),
    ),
    Code(
        "QA223",
        _ERROR,
        "a shot has other registers than the others",
        "Every shot runs the same program and so fills the same registers.",
        "Find out why registers are missing; do not mix the shots of different jobs.",
        '{"shots": [{"registers": {"a": [0], "b": [1]}}, {"registers": {"a": [0]}}]}',
        SHOTS_V2,
    ),
    Code(
        "QA224",
        _ERROR,
        "a shot is not a decimal state",
        "In version 1, a shot is the state as a decimal integer in a string, qubit 0 its least "
        'significant bit: "0", "1", "27", without sign, spaces or leading zeros.',
        "Bitstrings have to be converted knowing their bit order, or kept in version 2.",
        '["01", "10"]',
        SHOTS_V1,
        restates=frozenset({"pattern"}),
    ),
    Code(
        "QA225",
        _ERROR,
        "a leakage bit is neither 0 nor 1",
        "leakage_bits says for each qubit whether it left the computational states; any 1 makes "
        "the shot invalid, so the value must be clear.",
        "Write 0 or 1, or null where leakage was not measured.",
        '{"shots": [{"registers": {"output_all": [0]}, "leakage_bits": [2]}]}',
        SHOTS_V2,
        restates=_BITS,
    ),
    Code(
        "QA226",
        _NOTE,
        "some shots leaked",
        "The service leaves leaked shots out of histograms and probabilities, and they come on "
        "top of the number of shots that was asked for.",
        "Nothing has to be done; .shots counts the kept shots and .leaked the others.",
        '{"shots": [{"registers": {"q": [0]}, "leakage_bits": [1]}, {"registers": {"q": [1]}}]}',
        SHOTS_V2,
        ignorable=True,
    ),
    Code(
        "QA227",
        _WARNING,
        "shots without bits",
        "A register without bits, or a shot without registers, records no outcome.",
        "Look for measurements that are missing from the program.",
        '{"shots": [{"registers": {}}]}',
        SHOTS_V2,
        restates=frozenset({"minItems", "minProperties"}),
        ignorable=True,
    ),
    Code(
        "QA228",
        _NOTE,
        "shots as integers",
        "Version 1 is documented with states as decimal strings. Clients write and read integers, "
        "too, so an erratum lets them pass; the schema as published refuses them.",
        'Write strings, as in ["2", "1"]; what is written here has them.',
        '["2", 1]',
        SHOTS_V1,
        ignorable=True,
    ),
    Code(
        "QA230",
        _ERROR,
        "a key is not the UUID of a child job",
        "An aggregate maps the id of each child job to its distribution; results are paired with "
        "circuits by that id. It is a UUID in its plain form, 8-4-4-4-12 hexadecimal digits.",
        "Use the ids of child_job_ids. A flat distribution belongs to the format of probabilities.",
        '{"first": {"0": 1}}',
        AGGREGATE_V1,
        restates=_NAMES,
    ),
    Code(
        "QA231",
        _ERROR,
        "a child job occurs twice",
        "Two keys are the same UUID in upper and lower case: one of the results has no circuit.",
        "Find out which of them is meant.",
        '{"06a2099c-f845-7208-8000-8111ee2dccbc": {"0": 1}, '
        '"06A2099C-F845-7208-8000-8111EE2DCCBC": {"1": 1}}',
        AGGREGATE_V1,
    ),
    Code(
        "QA232",
        _WARNING,
        "an aggregate without children",
        "Children that failed are left out, so all of them may have failed; that is rarely meant.",
        "Look at the states of the child jobs.",
        "{}",
        AGGREGATE_V1,
        restates=frozenset({"minProperties"}),
        ignorable=True,
    ),
    Code(
        "QA240",
        _ERROR,
        "a circuit without qubits",
        "qubits is the width of the circuit, a whole number of at least 1.",
        "Write the number of qubits.",
        '{"qubits": 0, "circuit": []}',
        NATIVE_V1,
        restates=_FROM_BELOW | _WHOLE,
    ),
    Code(
        "QA241",
        _ERROR,
        "an unknown native gate",
        "The native gates are zz, ms, gpi, gpi2 and nop. Gates such as h and cnot belong to "
        "circuits before compilation.",
        "Compile the circuit to native gates.",
        '{"qubits": 1, "circuit": [{"gate": "h", "target": 0}]}',
        NATIVE_V1,
        restates=frozenset({"enum"}),
    ),
    Code(
        "QA242",
        _ERROR,
        "a qubit is not a whole number",
        "Targets are indices of qubits: 0.0 is read as 0, and 0.5 is no index.",
        "Write a whole number.",
        '{"qubits": 2, "circuit": [{"gate": "ms", "targets": [0, 0.5]}]}',
        NATIVE_V1,
        restates=_WHOLE,
    ),
    Code(
        "QA243",
        _ERROR,
        "a qubit outside the circuit",
        "Qubits are numbered from 0 to qubits - 1.",
        "Raise qubits, or count from 0.",
        '{"qubits": 2, "circuit": [{"gate": "gpi2", "target": 2, "phase": 0.25}]}',
        NATIVE_V1,
        restates=_FROM_BELOW | _FROM_ABOVE,
    ),
    Code(
        "QA244",
        _ERROR,
        "a gate on the wrong number of qubits",
        "The gates ms and zz act on two qubits, gpi and gpi2 on one; nop may have none.",
        "Give the gate its qubits: target for one, targets for two.",
        '{"qubits": 2, "circuit": [{"gate": "ms", "targets": [0]}]}',
        NATIVE_V1,
        restates=frozenset({"minItems", "maxItems"}),
    ),
    Code(
        "QA245",
        _ERROR,
        "a gate names a qubit twice",
        "A gate on two qubits needs two different ones.",
        "Write two different qubits.",
        '{"qubits": 2, "circuit": [{"gate": "zz", "targets": [1, 1]}]}',
        NATIVE_V1,
        restates=frozenset({"uniqueItems"}),
    ),
    Code(
        "QA250",
        _ERROR,
        "a qubit that the device does not have",
        "Qubits of a device are numbered from 0 to its number of qubits less one. A connection, or "
        "a gate, with another qubit is of another device, or one of the numbers is wrong.",
        "Fetch the document again; where it was made by hand, count qubits from 0.",
        '{"qubits": 2, "connectivity": [[0, 2]]}',
        IONQ_CHARACTERIZATION,
        restates=_FROM_BELOW | _FROM_ABOVE | _WHOLE,
    ),
    Code(
        "QA251",
        _ERROR,
        "a connection that is none",
        "A gate on several qubits connects different ones: a pair of them in a connectivity or a "
        "coupling map.",
        "Write each pair as two different qubits.",
        '{"qubits": 2, "connectivity": [[1, 1]]}',
        IONQ_CHARACTERIZATION,
        restates=frozenset({"minItems", "maxItems", "uniqueItems"}),
    ),
    Code(
        "QA252",
        _ERROR,
        "a measured value that cannot be",
        "Fidelities, error rates and probabilities are within 0 to 1, durations and frequencies "
        "are not negative.",
        "Percentages have to be divided by 100.",
        '{"fidelity": {"spam": {"median": 99.62}}}',
        IONQ_CHARACTERIZATION,
        restates=_FROM_BELOW | _FROM_ABOVE,
    ),
    Code(
        "QA253",
        _ERROR,
        "not one item for each qubit",
        "coords, qubit_lo_range and meas_lo_range have one item for each qubit, in the order of "
        "the qubits, so that with another number nobody knows which item is whose.",
        "Fetch the document again.",
        '{"backend_name": "ibm_a", "backend_version": "1.0.0", "basis_gates": ["x"], '
        '"conditional": false, "coords": [[0, 0]], "coupling_map": [[0, 1]], "gates": [{"name": '
        '"x", "parameters": [], "qasm_def": "gate x q {}"}], "local": false, "memory": true, '
        '"n_qubits": 2, "online_date": "2026-01-01T00:00:00.000Z", "u_channel_lo": []}',
        IBM_CONFIGURATION,
        restates=frozenset({"minItems", "maxItems"}),
        ignorable=True,
    ),
    Code(
        "QA254",
        _ERROR,
        "a date that cannot be read",
        "Calibrations change by the hour, so values without a time are worth little. Dates are "
        "as in RFC 3339, where a time without an offset is taken as UTC and a date alone will do, "
        "or seconds since 1970.",
        "Write it like 2026-01-31T12:00:00Z.",
        '{"date": "16 June 2025"}',
        IONQ_CHARACTERIZATION,
        restates=frozenset({"pattern"}),
    ),
    Code(
        "QA255",
        _ERROR,
        "a number of qubits that is none",
        "A device has a whole number of qubits, of at least 0.",
        "Write the number of qubits.",
        '{"qubits": -1}',
        IONQ_CHARACTERIZATION,
        restates=_FROM_BELOW | _WHOLE,
    ),
    Code(
        "QA256",
        _NOTE,
        "T2 longer than twice T1",
        "Relaxation bounds coherence: T2 is at most 2 T1. Fits of noisy data go beyond it, and so "
        "do 58 qubits in 26 of 69 published documents of IBM.",
        "Nothing has to be done; do not build a noise model from the two without a bound.",
        '{"timing": {"readout": 0, "reset": 0, "t1": 1, "t2": 3}}',
        IONQ_CHARACTERIZATION,
        ignorable=True,
    ),
    Code(
        "QA257",
        _NOTE,
        "parameters dated later than their document",
        "The document says when a property was last updated, and some are newer: the date may be "
        "in another time zone, or the document was put together from several.",
        "Nothing has to be done; ask the parameters for their dates, rather than the document.",
        _PROPERTIES.format(_T1.format("2026-01-02", "us")),
        IBM_PROPERTIES,
        ignorable=True,
    ),
    Code(
        "QA258",
        _NOTE,
        "a unit that is not known",
        "Times are in s, ms, us, ns or ps, frequencies in Hz, kHz, MHz or GHz, and errors have no "
        "unit. A value in another unit is taken as unknown, rather than guessed.",
        "Write the value in one of those units.",
        _PROPERTIES.format(_T1.format("2026-01-01", "min")),
        IBM_PROPERTIES,
        restates=frozenset({"enum"}),
        ignorable=True,
    ),
    Code(
        "QA259",
        _ERROR,
        "something is said twice",
        "A parameter of one qubit, a gate on the same qubits, or a device in a list occurs twice, "
        "so that readers would take one or the other.",
        "Find out which of them is meant.",
        _PROPERTIES.format(", ".join([_T1.format("2026-01-01", "us")] * 2)),
        IBM_PROPERTIES,
    ),
    Code(
        "QA260",
        _WARNING,
        "a time of a job that cannot be read",
        "When a job was submitted, started and completed is told as in RFC 3339, in version 0.2 in "
        "seconds since 1970. What is told in another way cannot be put in order.",
        "Fetch the record again; where it was made by hand, write times like 2026-01-31T12:00:00Z.",
        '{"id": "aa54e783-0a9b-4f73-ad2f-63983b6aa4a8", "status": "ready", "request": 1e300}',
        OLD_JOB,
        restates=frozenset({"pattern"}) | _FROM_BELOW | _FROM_ABOVE,
        ignorable=True,
    ),
    Code(
        "QA261",
        _WARNING,
        "the times of a job are out of order",
        "A job is submitted, then started, then completed. Another order is the work of a clock or "
        "of a hand, and durations that are computed from it are wrong.",
        "Fetch the record again.",
        _job(started="00"),
        QUANTUM_FUNCTION_JOB,
        ignorable=True,
    ),
    Code(
        "QA262",
        _WARNING,
        "the id of a job is not a UUID",
        "Jobs are asked for, and children told apart, by UUIDs in the plain form 8-4-4-4-12. "
        "Another id was written by hand, or by a test.",
        "Write the id that the service has given.",
        '{"id": "my-job", "status": "ready"}',
        OLD_JOB,
        restates=frozenset({"pattern", "minLength", "maxLength"}),
        ignorable=True,
    ),
    Code(
        "QA263",
        _ERROR,
        "a child job is listed twice",
        "The circuits of a job are in the order of its children, and results are paired with them "
        "by id: with one id twice, the same result would stand for two circuits.",
        "Fetch the record again.",
        _job(children=f"[{_CHILD}, {_CHILD}]"),
        QUANTUM_FUNCTION_JOB,
    ),
    Code(
        "QA264",
        _NOTE,
        "a completed job without results",
        "Only a dry run is completed without results; of any other job they may still be on their "
        "way, or may have been left out of the record.",
        "Fetch the record again.",
        _job(results="null"),
        QUANTUM_FUNCTION_JOB,
        restates=frozenset({"minProperties"}),
        ignorable=True,
    ),
    Code(
        "QA265",
        _ERROR,
        "an artifact under another format than its own",
        "Artifacts are found by the identifiers of their formats, and each says its format itself. "
        "Where the two differ, nobody knows how to read it.",
        "Fetch the record again.",
        _job("ionq.circuit.v1", results=f'{{"{HISTOGRAM_V2}": {_descriptor("a1", SHOTS_V2)}}}'),
        SINGLE_CIRCUIT_JOB,
    ),
    Code(
        "QA266",
        _WARNING,
        "a number of shots that no job has",
        "The service takes 1 to 1,000,000 shots for a job; a variant of a debiased one may have "
        "none.",
        "Fetch the record again.",
        _job(shots="0"),
        QUANTUM_FUNCTION_JOB,
        restates=_FROM_BELOW | _FROM_ABOVE | _WHOLE,
        ignorable=True,
    ),
    Code(
        "QA267",
        _ERROR,
        "an optimal bitstring that is none",
        "The best solution that an optimization has found is told by the characters 0 and 1, one "
        "for each variable.",
        "Fetch the record again.",
        _job(
            "qctrl.qaoa.v1",
            results='{"qaoa_results": {"optimal_cost": -3.5, "optimal_bitstring": "01x1", '
            '"processing_status": "complete"}}',
        ),
        QAOA_JOB,
        restates=frozenset({"pattern", "minLength"}),
    ),
    Code(
        "QA268",
        _ERROR,
        "one artifact with two formats",
        "An artifact is downloaded by its id alone, and is of one format. Of two that are told of "
        "it, one is wrong.",
        "Fetch the record again.",
        _job(
            "ionq.circuit.v1",
            results=f'{{"{SHOTS_V2}": {_descriptor("a1", SHOTS_V2)}, '
            f'"{HISTOGRAM_V2}": {_descriptor("a1", HISTOGRAM_V2)}}}',
        ),
        SINGLE_CIRCUIT_JOB,
    ),
    Code(
        "QA270",
        _ERROR,
        "the document names another format",
        "It says of itself which format it has (DataFormat, or braketSchemaHeader), and that is "
        "not the one that it is held against; its members may mean something else there.",
        "Check it against the format that it names, if that is known here.",
        _TASK.format(
            '"braketSchemaHeader": {"name": "braket.task_result.annealing_task_result", '
            '"version": "1"}, "measurements": [[0, 1]]',
            1,
        ),
        BRAKET_V1,
    ),
    Code(
        "QA271",
        _ERROR,
        "there is no result in the document",
        "It has the members around a result, and nothing that was measured: no entry of Results, "
        "or neither measurements nor measurementProbabilities. Simulations of no shots leave such.",
        "Run the task with shots; amplitudes and expectation values are not read here.",
        _TASK.format('"resultTypes": []', 0),
        BRAKET_V1,
    ),
    Code(
        "QA272",
        _ERROR,
        "an outcome that is not made of measured bits",
        "A program may return whatever it likes. Only a bit, an array of bits, or a tuple (Item1, "
        "Item2, ...) of those can be read as registers; true, 2 and markers of lost qubits cannot.",
        "Let the program return what it measured, one array of results a register.",
        _MICROSOFT.format(_OUTCOME.format("[10]", "[10]", 3), ""),
        AZURE_V2,
    ),
    Code(
        "QA273",
        _ERROR,
        "outcomes of different registers or widths",
        "Every shot runs the same program and so fills the same registers with as many bits.",
        "Find out whether results of different circuits were mixed.",
        _MICROSOFT.format(f"{_ZERO_ONE}, {_OUTCOME.format('[1]', '[1]', 1)}", ""),
        AZURE_V2,
    ),
    Code(
        "QA274",
        _ERROR,
        "the label shows another outcome",
        "Azure's own client tells outcomes by their Display, others by their Outcome: they would "
        "read different results. A label that shows no bits at all is a warning only.",
        "Write the label anew from the outcome, if that is the right one.",
        _MICROSOFT.format(_OUTCOME.format("[0, 1]", "[1, 0]", 2), ""),
        AZURE_V2,
        ignorable=True,
    ),
    Code(
        "QA275",
        _ERROR,
        "an outcome is listed twice",
        "Readers that keep a dictionary, as Azure's own client does, keep the last of them and "
        "lose the counts of the others.",
        "Add the counts up, if both are of one circuit.",
        _MICROSOFT.format(f"{_ZERO_ONE}, {_ZERO_ONE}", ""),
        AZURE_V2,
    ),
    Code(
        "QA276",
        _ERROR,
        "outcomes and single shots disagree",
        "The document says twice what was measured, as counts or probabilities and shot by shot, "
        "and the two differ. Some readers take the one, some the other.",
        "Find out which is meant. Here, conversions take the single shots.",
        _MICROSOFT.format(_ZERO_ONE, ', "Shots": [[0, 1]]'),
        AZURE_V2,
        ignorable=True,
    ),
    Code(
        "QA277",
        _WARNING,
        "shots failed",
        "An error stands where the outcome of a shot should be. Nothing is known of what was "
        "measured, so that these shots are left out of all counts.",
        "Look at the codes of the errors; run the job again if too few shots are left.",
        _MICROSOFT.format(
            f'{_ZERO_ONE}, {{"Outcome": {{"Error": {{"Code": "0x20", "Name": "a"}}}}, '
            '"Display": "Error 0x20: a", "Count": 1}',
            "",
        ),
        AZURE_V2,
        ignorable=True,
    ),
    Code(
        "QA278",
        _ERROR,
        "the measured qubits do not fit",
        "measuredQubits names the qubit of each character of a bitstring and of each column of the "
        "measurements: as many whole numbers as there are, each of them once.",
        "Take the list from the task's result as Braket stored it.",
        _TASK.format('"measurements": [[0, 1]], "measuredQubits": [0, 0]', 1),
        BRAKET_V1,
        restates=_FROM_BELOW | _WHOLE,
    ),
    Code(
        "QA279",
        _WARNING,
        "another number of measurements than shots",
        "The task asked for a number of shots and lists another number of measurements. Devices "
        "may drop shots; or the list is not whole.",
        "Nothing has to be done if the device dropped them: counts are those of the measurements.",
        _TASK.format('"measurements": [[0, 1]]', 2),
        BRAKET_V1,
        ignorable=True,
    ),
    # ------------------------------------------------------------------------------------------
    # QA3xx: cross-checks
    Code(
        "QA300",
        _ERROR,
        "an artifact of another format than the record says",
        "The descriptor in the job record names one format, and the file is no good artifact of it "
        "but a good one of another: it has been stored under a wrong name, or exchanged.",
        "Fetch the artifact again.",
        "a descriptor of ionq.result.histogram.json.v1, and a file of probabilities",
        ignorable=True,
    ),
    Code(
        "QA301",
        _WARNING,
        "an artifact of the job that is not there",
        "The record names an artifact, and no file of the directory holds it, so it could not be "
        "held against the others. Where there is none at all, the record is kept alone: a note. "
        "Children are told likewise, where some are there.",
        "Fetch the job again, which fetches what is missing; or ignore this code, where only some "
        "artifacts are kept.",
        "a record with a descriptor, in a directory that holds nothing else",
        ignorable=True,
    ),
    Code(
        "QA302",
        _ERROR,
        "a number of shots that is not the job's",
        "Counts add up to the shots of the job, and there are as many shots without leakage. So "
        "something was lost, or counted twice, or is of another job. Where errors were mitigated, "
        "shots may be dropped or combined, and this is a note.",
        "Fetch it again, with --again; if the service sends it like this, tell its support.",
        "a record with 1,000 shots, and a histogram of 999",
        ignorable=True,
    ),
    Code(
        "QA303",
        _ERROR,
        "a width that is not the job's",
        "The system's own register, output_all, has one bit for each qubit of the circuit; of "
        "version 1, no state can need more. Declared registers may have any width and are not "
        "compared. Of variants and aggregations of a mitigated job, this is a note.",
        "Fetch the artifact again; look whether the file is that of another job.",
        "a record with stats.qubits 2, and an outcome 101",
        ignorable=True,
    ),
    Code(
        "QA304",
        _ERROR,
        "a child in the aggregate that the job does not have",
        "Children are paired with results by their ids, and child_job_ids lists them all. A child "
        "that failed may be missing from the aggregate; one more cannot be there.",
        "Fetch the record and the aggregate again; look whether the aggregate is of another job.",
        "an aggregate of three children, of which the record lists two",
        ignorable=True,
    ),
    Code(
        "QA305",
        _ERROR,
        "a child whose own result is not that of the aggregate",
        "The aggregate holds the probabilities of each child by its id, and the child has them, "
        "too. Where they differ, a result belongs to another circuit: the commonest mistake with "
        "jobs of several circuits, and one that nothing else shows.",
        "Fetch both anew, with --again. Pair circuits with results by child_job_ids, never by the "
        "order of keys.",
        "an aggregate in which the results of two children have changed places",
        ignorable=True,
    ),
    Code(
        "QA306",
        _ERROR,
        "results of one job that differ",
        "Probabilities, histogram and shots of a job tell of the same shots. The one that differs "
        "from most others is named; of two, the less firm one. Of a simulator, and where errors "
        "were mitigated, this is a note: probabilities may be computed, and shots dropped.",
        "Fetch both anew, with --again; look whether one of them is of another job.",
        "probabilities of 0.5 and 0.5, and a histogram of 400 and 600",
        ignorable=True,
    ),
    Code(
        "QA307",
        _NOTE,
        "variants whose shots do not add up to those of the job",
        "A job with debiasing runs several variants of its circuit, which share its shots.",
        "Take the numbers of the variants where they matter; nobody promises their sum.",
        "a record with 1,000 shots, and two variants with 400 each",
        ignorable=True,
    ),
    Code(
        "QA308",
        _ERROR,
        "bits in reversed order",
        "Another result of the job, whose order of bits is certain, has the same outcomes with "
        "their bits turned around: qubit 0 stands at the wrong end. Read as they stand, all of "
        "them mean other states.",
        "Read the file with --bit-order reversed, or write it again in wire order with "
        "qartifacts convert.",
        "version 1 with the state 1, and version 2 with 001",
        ignorable=True,
    ),
    Code(
        "QA309",
        _WARNING,
        "a compiled circuit that is not the job's",
        "The record counts qubits and gates, and the compiled circuit acts on more qubits. Another "
        "number of gates is a note: the record does not say whether it counts them before or after "
        "compiling.",
        "Look whether the circuit is that of another job.",
        "a record with stats.qubits 2, and a circuit that acts on three qubits",
        ignorable=True,
    ),
    Code(
        "QA310",
        _ERROR,
        "a directory of a child that is not the child's",
        "Children are stored under their ids. Here the record has another id than its directory, "
        "names another job as its parent, or is of no child that the parent lists.",
        "Fetch the job again, into an empty directory.",
        "children/<id>/job.json with the id of another child",
        ignorable=True,
    ),
    Code(
        "QA311",
        _NOTE,
        "a file of the job's directory that its record does not name",
        "It may be a result that was renamed, or of another job, or made of the job's own. Nothing "
        "tells which artifact it is, so it was checked by itself only.",
        "Name the file after its artifact, <id>.<format>.json, or load it with the record: "
        "qartifacts.load(file, job=...) holds it against that.",
        "counts.json beside a record that knows its artifacts by ids",
        ignorable=True,
    ),
    Code(
        "QA350",
        _ERROR,
        "a result wider than the device",
        "The system's own register, output_all, has at most one bit for each qubit, and a circuit "
        "no more qubits than the device; of version 1, the largest state tells how many bits there "
        "are at least. So the result is of another device.",
        "Name the document of the device that the job ran on.",
        "states of 12 bits, and a device of 11 qubits",
        ignorable=True,
    ),
    Code(
        "QA351",
        _ERROR,
        "a gate that the device does not support",
        "The document lists the native gates of the device, and the circuit uses another one: it "
        "was compiled for another device. nop, which does nothing, is never meant.",
        "Compile the circuit for this device, or name the document of the device that it is for.",
        "a circuit with the gate ms, and a device that supports gpi, gpi2 and zz",
        ignorable=True,
    ),
    Code(
        "QA352",
        _ERROR,
        "a gate on qubits that are not connected",
        "The document lists the pairs of qubits that a gate on two can act on, and this is none of "
        "them, in either order.",
        "Compile the circuit for this device, or name the document of the device that it is for.",
        "a circuit with the gate zz on qubits 0 and 2, and a device that connects 0 with 1 and 1 "
        "with 2",
        ignorable=True,
    ),
    Code(
        "QA353",
        _ERROR,
        "more shots than the device takes",
        "The document says how many shots one job can have at most. Shots with leakage come on top "
        "and do not count.",
        "Name the document of the device that the job ran on; results of several jobs that were "
        "pooled have more shots than one.",
        "a histogram of 20,000 shots, and a device that takes 8,192",
        ignorable=True,
    ),
)

#: Every code with its entry, in the order of the catalogue.
CODES: Mapping[str, Code] = MappingProxyType({code.id: code for code in _CATALOGUE})
