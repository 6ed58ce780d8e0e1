"""What cells of spreadsheets may hold."""

from __future__ import annotations

# Also in full width, which some programs fold into the plain sign; tabs and line ends are skipped by others.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def without_formula(text: str) -> str:
    """Give a text that no spreadsheet takes for a formula: an apostrophe stands before what could be one.

    Source: OWASP, CSV injection.
    """
    is_suspect = text.lstrip().startswith(FORMULA_STARTS) or text[:1] in {"\t", "\r", "\n"}
    return f"'{text}" if is_suspect else text
