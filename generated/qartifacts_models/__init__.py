"""Typed models of the bundled formats, one subpackage a style: pydantic, msgspec, typeddicts.

Importing one needs its own library only. Nothing in the subpackages is edited by hand: ``make
models`` generates them from the pinned schemas.
"""
