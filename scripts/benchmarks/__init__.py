"""What ``scripts/bench.py`` measures, how, and the tables it makes of that."""
