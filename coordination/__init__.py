"""The project: wiring, and the packages that every app stands on."""

from coordination.celery import app as celery_app

__all__ = ["celery_app"]
