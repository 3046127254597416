"""Conversions: the table of what there is, and columns of one format as those of another."""

from qartifacts.conversion.counting import METHODS, Method
from qartifacts.conversion.measures import Expectation, fidelity, variation
from qartifacts.conversion.order import BitOrderProof, prove
from qartifacts.conversion.table import CONVERSIONS, KINDS, NEEDS, Effect, Kind, Route, route
from qartifacts.conversion.transform import (
    BIT_ORDERS,
    SHOT_ORDERS,
    BitOrder,
    Change,
    Parameters,
    ShotOrder,
    convert_columns,
)

__all__ = [
    "BIT_ORDERS",
    "CONVERSIONS",
    "KINDS",
    "METHODS",
    "NEEDS",
    "SHOT_ORDERS",
    "BitOrder",
    "BitOrderProof",
    "Change",
    "Effect",
    "Expectation",
    "Kind",
    "Method",
    "Parameters",
    "Route",
    "ShotOrder",
    "convert_columns",
    "fidelity",
    "prove",
    "route",
    "variation",
]
