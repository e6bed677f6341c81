"""Measurements: run.py is `make bench`."""
