"""Records of jobs that several test modules use: of each format one, in the shape of real ones.

That of one circuit and that of several have the members of jobs that ran on 2026-08-25, as a public
repository has them; ids and names are made up. The others are the published examples.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

SINGLE: Final = "ionq.single-circuit-job.v0.4"
MULTI: Final = "ionq.multi-circuit-job.v0.4"
QAOA: Final = "ionq.qaoa-job.v0.4"
FUNCTION: Final = "ionq.quantum-function-job.v0.4"
OLD: Final = "ionq.job.v0.2"

CASES: Final = Path(__file__).parent / "cases"


def _case(format: str, name: str) -> Callable[[], dict[str, Any]]:
    record = json.loads((CASES / format / "good" / f"{name}.json").read_bytes())
    return lambda: copy.deepcopy(record)


single = _case(SINGLE, "recorded-on-a-device")
child = _case(SINGLE, "child-of-a-multi-circuit-job")
debiased = _case(SINGLE, "debiased")
multi = _case(MULTI, "recorded-on-a-device")
qaoa = _case(QAOA, "published-example")
function = _case(FUNCTION, "published-example")
old = _case(OLD, "published-example")

#: A record of each format, which has no finding at all.
RECORDS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    SINGLE: single,
    MULTI: multi,
    QAOA: qaoa,
    FUNCTION: function,
    OLD: old,
}
