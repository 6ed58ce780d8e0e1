"""The admin: the guarded base of every page, and the pages of the packages below the doors."""

from coordination.web.admin import directory as directory
