"""Incidents through GraphQL."""
