"""``python -m qartifacts`` is the command ``qartifacts``."""

from qartifacts.cli import main

main()
