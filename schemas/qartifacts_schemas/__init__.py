"""The pinned schemas that come with qartifacts: documents, lockfile and sources, no code.

``qartifacts.Registry.bundled()`` reads them. One JSON Schema document a format, named after its
identifier; ``registry.lock`` holds their digests and where they come from.
"""
