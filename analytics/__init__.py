"""Answers and conversations out, for analysts: documented, pseudonymous, reproducible."""
