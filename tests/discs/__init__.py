"""Synthetic media with known right answers: discs as they are met in the field, and worse.

``python -m tests.discs FOLDER`` writes all of them, for trying any program that reads discs.
"""
