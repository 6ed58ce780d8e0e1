"""The codes of access: roles, scopes, kinds of organisations, classes of personal data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    CASEWORKER = "caseworker", _("caseworker")
    COORDINATOR = "coordinator", _("coordinator")
    ADMINISTRATOR = "administrator", _("administrator")


class Scope(models.TextChoices):
    INCIDENTS_READ = "incidents:read", _("read incidents")
    INCIDENTS_WRITE = "incidents:write", _("write incidents")
    AID_READ = "aid:read", _("read aid")
    AID_WRITE = "aid:write", _("write aid")
    MATCH_WRITE = "match:write", _("accept and deliver matches")
    PII_READ = "pii:read", _("read personal data")
    ACCESS_MANAGE = "access:manage", _("manage people and organisations")


_READ = frozenset({Scope.INCIDENTS_READ, Scope.AID_READ})
_CASEWORK = _READ | {Scope.INCIDENTS_WRITE, Scope.AID_WRITE, Scope.PII_READ}
_COORDINATION = _CASEWORK | {Scope.MATCH_WRITE}

ROLE_SCOPES: dict[str, frozenset[str]] = {
    Role.VIEWER: frozenset(_READ),
    Role.CASEWORKER: frozenset(_CASEWORK),
    Role.COORDINATOR: frozenset(_COORDINATION),
    Role.ADMINISTRATOR: frozenset(_COORDINATION | {Scope.ACCESS_MANAGE}),
}


# Systems move data; who takes part is decided by people.
SYSTEM_SCOPES = frozenset(Scope.values) - {Scope.ACCESS_MANAGE}

# What a password alone does not open.
NEED_SECOND_FACTOR = frozenset({Scope.PII_READ, Scope.ACCESS_MANAGE})


class OrganisationType(models.TextChoices):
    """What an organisation is, by the groups of OCHA's organisation type list."""

    GOVERNMENT = "government", _("government")
    MUNICIPALITY = "municipality", _("municipality")
    UN = "un", _("United Nations")
    INTERNATIONAL_NGO = "international_ngo", _("international NGO")
    NATIONAL_NGO = "national_ngo", _("national NGO")
    RED_CROSS = "red_cross", _("Red Cross and Red Crescent movement")
    VOLUNTEERS = "volunteers", _("volunteer group")
    BUSINESS = "business", _("business")
    UTILITY = "utility", _("utility")
    OTHER = "other", _("other")


class DataClass(models.TextChoices):
    IDENTITY = "identity", _("identity")
    EXACT_PLACE = "exact_place", _("exact place")
    HEALTH = "health", _("health, age and sex")


class AlertKind(models.TextChoices):
    MANY_CONTACTS_READ = "many_contacts_read", _("many contacts read")
    CANCELLED_AFTER_RELEASE = "cancelled_after_release", _("cancelled after a release")
    ACCOUNT_LOCKED = "account_locked", _("account locked")
