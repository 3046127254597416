"""IonQ's documents of devices, each as views of the devices that it is about.

What they hold has passed its check. Of what the rules say nothing, a pinned schema may ask little:
what is not of the shape that its place calls for is taken as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qartifacts.hardware.readings import member, origins, pairs, text, texts, whole
from qartifacts.hardware.view import Device, Document, Overall, Statistic
from qartifacts.identifiers import IONQ_BACKENDS, IONQ_CHARACTERIZATION, IONQ_CHARACTERIZATIONS
from qartifacts.jsontext import Path
from qartifacts.payloads.quantities import instant, seconds, share

__all__ = ["backends", "characterization", "characterizations"]

_VENDOR: Final = "ionq"


def backends(payload: Any, source: str) -> list[Device]:
    """The devices of a list; when their status was last updated is no time of measurement."""
    devices = []
    for index, each in enumerate(payload):
        qubits = whole(each.get("qubits"))
        gates = texts(each.get("supported_native_gates"))
        said = {"qubits": ("qubits", qubits), "native_gates": ("supported_native_gates", gates)}
        devices.append(
            Device(
                vendor=_VENDOR,
                name=text(each.get("backend")),
                qubits=qubits,
                native_gates=gates,
                status=text(each.get("status")),
                documents=(Document(source, IONQ_BACKENDS),),
                origins=origins(source, (index,), said),
            )
        )
    return devices


def characterization(payload: Any, source: str) -> list[Device]:
    """The one device that was characterized."""
    return [_measured(payload, source, (), Document(source, IONQ_CHARACTERIZATION))]


def characterizations(payload: Any, source: str) -> list[Device]:
    """The device at the times of each of its characterizations, in the document's order."""
    document = Document(source, IONQ_CHARACTERIZATIONS)
    listed = payload.get("characterizations") or []
    return [
        _measured(each, source, ("characterizations", index), document)
        for index, each in enumerate(listed)
    ]


def _measured(value: Mapping[str, Any], source: str, path: Path, document: Document) -> Device:
    qubits = whole(value.get("qubits"))
    # An empty list would say that no two qubits are connected, which nobody would build.
    connectivity = pairs(value.get("connectivity")) or None
    fidelity, timing = value.get("fidelity"), value.get("timing")
    said = {"qubits": ("qubits", qubits), "connectivity": ("connectivity", connectivity)}
    return Device(
        vendor=_VENDOR,
        name=text(value.get("backend")),
        qubits=qubits,
        connectivity=connectivity,
        directed=None if connectivity is None else False,
        measured_at=instant(value.get("date")),
        overall=Overall(
            fidelity_1q=_statistic(member(fidelity, "1q")),
            fidelity_2q=_statistic(member(fidelity, "2q")),
            fidelity_spam=_statistic(member(fidelity, "spam")),
            t1=_known(member(timing, "t1")),
            t2=_known(member(timing, "t2")),
            length_1q=_known(member(timing, "1q")),
            length_2q=_known(member(timing, "2q")),
            readout_length=_known(member(timing, "readout")),
            reset_length=_known(member(timing, "reset")),
        ),
        documents=(document,),
        origins=origins(source, path, said),
    )


def _statistic(value: Any) -> Statistic | None:
    if not isinstance(value, dict):
        return None
    read = Statistic(*(share(value.get(name)) for name in Statistic._fields))
    return read if read != Statistic() else None


def _known(value: Any) -> float | None:
    """Seconds, of which 0 says that they are not known: the schema wants whole ones.

    Of a real record of forte-1, all but T1 and T2 are 0.
    """
    return seconds(value) or None
