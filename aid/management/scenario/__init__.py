"""The founding case as data: Kyiv and Kharkiv after a night of missiles; places are real, people and bodies fictional.

The JSON files are written by hand; `reading` expands them, always to the same rows; actions then tell them.
Outlines in areas.json are schematic, drawn for the demonstration; `load_areas` replaces them with official boundaries.
"""
