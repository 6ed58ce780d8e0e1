"""The project: wiring, and the packages that every app stands on."""
