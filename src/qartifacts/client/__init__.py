"""The services over HTTP: what is asked, who gets the key, and when to give up.

``Service`` and ``AsyncService`` send requests and hand back bytes and headers; nothing here looks
into a document. What to ask and what to make of an answer is written once, in ``exchange.py``,
which does no input or output; the two classes only send what it says.

**The key** comes from the caller or from ``IONQ_API_KEY``. It is sent once a server has answered
401 to a request without it, and then with every request of that object. It goes to api.ionq.co
over https and to this machine, to other hosts only if the caller says so, and never anywhere in
the clear but on this machine. It stands in no message, no log and no ``repr``.

**Redirects** are followed on the same origin. Anywhere else they are refused, not followed
without the key: a document from a place that nobody named is not what was asked for.

**Retries** are those of httpx-retries: after 429, 502, 503 and connections that break, with
growing, random waits or the server's ``Retry-After``. Answers are read whole below it, so that
one that breaks off in the middle is asked for again. A server that wants to be left alone for
longer than a minute is, and the error says for how long. What was not reached at all (no such
name, refused, time-out) is told at once.

**The environment** may name proxies (``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY``), which are not
used for this machine, and certificates (``SSL_CERT_FILE``, ``SSL_CERT_DIR``). Nothing else is
taken from it: no credentials from ``.netrc``.

Facts about the service (base, header, paths, form of errors) are those of the IonQ Cloud Platform
API reference, v0.4.
"""

from qartifacts.client.exchange import DEFAULT_BASE, KEY_VARIABLE, Answer
from qartifacts.client.services import AsyncService, Service

__all__ = ["DEFAULT_BASE", "KEY_VARIABLE", "Answer", "AsyncService", "Service"]
