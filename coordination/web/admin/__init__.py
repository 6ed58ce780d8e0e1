"""The admin: the guarded base of every page, and the pages of the packages below the doors."""

from coordination.web.admin import clients as clients
from coordination.web.admin import organisations as organisations
from coordination.web.admin import people as people
from coordination.web.admin import records as records
from coordination.web.admin import running as running
from coordination.web.admin import sharing as sharing
