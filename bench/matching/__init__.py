"""Measure the matching engine beside simpler ways of matching, on synthetic cities."""
