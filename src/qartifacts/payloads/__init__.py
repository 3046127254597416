"""What the payload of each family of formats holds, once it has been checked."""

from qartifacts.payloads.families import SYSTEM_REGISTER, Family, family_of, to_json

__all__ = ["SYSTEM_REGISTER", "Family", "family_of", "to_json"]
