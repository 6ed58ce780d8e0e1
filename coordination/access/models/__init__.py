"""Who takes part."""

from coordination.access.models.agreement import SharingAgreement
from coordination.access.models.client import ApiClient, ApiKey
from coordination.access.models.organisation import Membership, Organisation
from coordination.access.models.record import AccessRecord, ErasureTombstone
from coordination.access.models.user import User

__all__ = [
    "AccessRecord",
    "ApiClient",
    "ApiKey",
    "ErasureTombstone",
    "Membership",
    "Organisation",
    "SharingAgreement",
    "User",
]
