"""One view of a device from whatever document, and results held against it."""

from typing import TYPE_CHECKING

from qartifacts.hardware.limits import Limits

if TYPE_CHECKING:
    from qartifacts.hardware.loading import device, devices
    from qartifacts.hardware.view import Device, Gate, Overall, Qubit, Statistic

__all__ = [
    "Device",
    "Gate",
    "Limits",
    "Overall",
    "Qubit",
    "Statistic",
    "device",
    "devices",
]


def __getattr__(name: str) -> object:
    # A process that holds results against a device needs its limits alone.
    if name in ("device", "devices"):
        from qartifacts.hardware import loading

        return getattr(loading, name)
    if name in ("Device", "Gate", "Overall", "Qubit", "Statistic"):
        from qartifacts.hardware import view

        return getattr(view, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
