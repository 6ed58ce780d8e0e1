"""Who takes part."""

from coordination.access.models.agreement import SharingAgreement, SharingAgreementAreas
from coordination.access.models.client import ApiClient, ApiKey, OAuthClient
from coordination.access.models.organisation import Caseload, Membership, Organisation, OrganisationAreas
from coordination.access.models.record import AccessRecord, Alert, ErasureTombstone
from coordination.access.models.user import User

__all__ = [
    "AccessRecord",
    "Alert",
    "ApiClient",
    "ApiKey",
    "Caseload",
    "ErasureTombstone",
    "Membership",
    "OAuthClient",
    "Organisation",
    "OrganisationAreas",
    "SharingAgreement",
    "SharingAgreementAreas",
    "User",
]
