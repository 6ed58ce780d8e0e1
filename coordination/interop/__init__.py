"""Other systems' formats: rows <-> bytes; knows formats, no models."""
