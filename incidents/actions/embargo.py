"""Until when the public is not told of an incident, and of the wave that it is part of."""

from datetime import datetime

from coordination.records.actions import locked
from incidents.enums import CONFIRMED
from incidents.models import Incident


def embargo_until(incident: Incident) -> datetime:
    """Give the latest embargo among an incident's sites, its own where it has none; a wave waits for its children."""
    sites = [site.embargo_until for site in incident.impact_sites.all()]
    children = incident.children.filter(verification__in=CONFIRMED)
    waits = [child.public_from for child in children if child.public_from]
    return max([*(sites or [incident.embargo_until]), *waits])


def prolong_wave(incident: Incident, now: datetime) -> None:
    """Have the wave of an incident wait as long as the incident does.

    A wave that is public already stays so: that it vanished would tell of what is under embargo.
    """
    if not (incident.parent and incident.public_from):
        return
    wave = locked(incident.parent)
    if wave.public_from and now < wave.public_from < incident.public_from:
        wave.public_from = incident.public_from
        wave.save(update_fields=["public_from"])
