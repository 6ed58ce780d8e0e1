"""What the pages of sign-in show in their own way."""

from __future__ import annotations

from django import template

register = template.Library()

# The first that is found: those further on also claim to be those further up.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS"}
SYSTEMS |= {"Linux": "Linux"}


@register.filter
def device(user_agent: str) -> str:
    """Name the browser and the system that a header speaks of; a header that names neither stands for itself."""
    found = [next((name for mark, name in names.items() if mark in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found)) or user_agent
