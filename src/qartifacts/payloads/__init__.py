"""What the payload of each family of formats holds, once it has been checked."""

from qartifacts.payloads.families import SYSTEM_REGISTER, Family, encode, family_of

__all__ = ["SYSTEM_REGISTER", "Family", "encode", "family_of"]
