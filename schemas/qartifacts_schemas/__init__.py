"""The pinned schemas that come with qartifacts: documents, lockfile and sources, no code.

``qartifacts.Registry.bundled()`` reads them. There is one JSON Schema document for each format,
named after its identifier; ``registry.lock`` holds their digests and where they come from.
(PYTEST_DONT_REWRITE: there is no assertion, and pytest need not warn where this is imported first.)
"""
