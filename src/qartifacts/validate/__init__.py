"""The verdict: which format a source has, whether it is valid, and every reason why not."""

from qartifacts.validate.verdict import Examined, check, examine, examiner

__all__ = ["Examined", "check", "examine", "examiner"]
