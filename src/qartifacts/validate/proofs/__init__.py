"""Proofs that a schema accepts a value, at a fraction of what the reference implementation takes.

A proof says "surely" or "don't know", never "no". It covers the keywords that are simple and whose
meaning no draft of JSON Schema has changed; any other keyword makes its place one of which nothing
is known. What remains doubtful is asked of ``jsonschema``.

* ``Proofs`` and ``surely_valid`` look at parsed values.
* ``typed_decoder`` looks at JSON text, by way of a type of ``msgspec`` made from the schema.

Both take documents that are valid schemas of their dialect.
"""

from qartifacts.validate.proofs.types import typed_decoder
from qartifacts.validate.proofs.values import Proof, Proofs, surely_valid

__all__ = ["Proof", "Proofs", "surely_valid", "typed_decoder"]
