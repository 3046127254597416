"""``python -m qartifacts`` is the command ``qartifacts``."""

from qartifacts.cli import main

if __name__ == "__main__":
    main()
