"""Decide who gets what: candidates reads, solve decides, explain says why, planning composes; nothing here writes."""
