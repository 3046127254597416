"""The services over HTTP: what is asked, who gets the key, and when to give up.

``Service`` asks IonQ, ``IBMService`` IBM; ``AsyncService`` and ``AsyncIBMService`` do so from
asyncio. They send requests and hand back bytes and headers; nothing here judges a document. What to
ask is written once, in ``operations.py``, and what to make of an answer in ``exchange.py``, which
do no input or output; the classes only send what these say. Threads, or tasks, may share an object,
which sends eight requests at a time; whoever waits for another attempt holds up nobody else.

**The key** comes from the caller or from the environment (``IONQ_API_KEY``; ``QISKIT_IBM_TOKEN``
or ``IBM_QUANTUM_BEARER_TOKEN``, with ``QISKIT_IBM_INSTANCE``). IonQ's is sent once a server has
answered 401 to a request without it, and then with every request of that object. IBM's hosts get
theirs with the first request, since each of their operations asks for it; others likewise after
401. A key goes to its vendor's own hosts over https and to this machine, to other hosts only if the
caller says so, and never anywhere in the clear but on this machine. It stands in no message, no log
and no ``repr``.

**Redirects** are followed on the same origin. Anywhere else they are refused, not followed
without the key: a document from a place that nobody named is not what was asked for.

**URLs in job records** are followed likewise: on the same origin, and anything else is refused
before a request.

**Retries** are those of httpx-retries: after 429, 502, 503 and connections that break, with
growing, random waits or the server's ``Retry-After``. Answers are read whole below it, so that
one that breaks off in the middle is asked for again. A server that wants to be left alone for
longer than a minute is, and the error says for how long. What was not reached at all (no such
name, refused, time-out) is told at once.

**The environment** may name proxies (``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY``), which are not
used for this machine, and certificates (``SSL_CERT_FILE``, ``SSL_CERT_DIR``). Nothing else is
taken from it: no credentials from ``.netrc``.

Facts about the services (bases, headers, paths, form of errors) are those of the IonQ Cloud
Platform API reference, v0.4 and v0.3, and of IBM's Qiskit Runtime backends API.
"""

from qartifacts.client.credentials import (
    IBM_BASE,
    IBM_EU_BASE,
    IBM_INSTANCE_VARIABLE,
    IBM_KEY_VARIABLE,
    IBM_TOKEN_VARIABLE,
    KEY_VARIABLE,
)
from qartifacts.client.exchange import DEFAULT_BASE
from qartifacts.client.operations import IBM_API_VERSION, Answer
from qartifacts.client.services import AsyncIBMService, AsyncService, IBMService, Service

__all__ = [
    "DEFAULT_BASE",
    "IBM_API_VERSION",
    "IBM_BASE",
    "IBM_EU_BASE",
    "IBM_INSTANCE_VARIABLE",
    "IBM_KEY_VARIABLE",
    "IBM_TOKEN_VARIABLE",
    "KEY_VARIABLE",
    "Answer",
    "AsyncIBMService",
    "AsyncService",
    "IBMService",
    "Service",
]
