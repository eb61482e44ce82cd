"""Lotse: the application around the engine. Imports point downwards only (tests/meta/test_layers.py)."""
