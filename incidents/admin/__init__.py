"""Pages for what happened, one file each."""

from incidents.admin import building as building
from incidents.admin import constraint as constraint
from incidents.admin import impact_site as impact_site
from incidents.admin import incident as incident
from incidents.admin import outage as outage
