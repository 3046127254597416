"""Typed models generated from the pinned schemas, one subpackage a style.

Nothing in this package is edited by hand. This release generates no styles yet.
"""
