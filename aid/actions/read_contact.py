"""Open the sealed contact of a request, on the record."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.checks import refuse
from aid.models import AidRequest, Contact
from aid.querysets import released_to
from coordination.access.models import AccessRecord
from coordination.access.wall import seen_as
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, FieldProblem, require

MAX_PURPOSE = 300


class NoContact(DomainError):
    code = "no_contact"
    message = _("Nobody left a contact with this request.")


@action
def read_contact(*, aid_request: AidRequest, purpose: str, actor: Actor, now: datetime) -> Contact:
    """Give whom to call, in plain text; who read it, for whom and what for is recorded in the same transaction.

    Raises NoContact: when none was left. Raises InvalidFields: without a purpose.
    """
    require(policies.may_read_contact(actor, aid_request))
    if not purpose.strip() or len(purpose) > MAX_PURPOSE or "\0" in purpose:
        refuse([FieldProblem("purpose", "invalid", _("Say in up to 300 characters what you need it for."))])
    with seen_as(actor, released_ids=released_to(actor.narrowed_to(policies.READ_CONTACT))):
        contact: Contact | None = Contact.objects.filter(aid_request=aid_request.pk).first()
    if contact is None:
        raise NoContact
    AccessRecord(
        user_id=actor.user_id,
        organisation_id=actor.acts_for_id,
        purpose=purpose,
        subject=Contact._meta.label_lower,
        subject_ids=[contact.pk],
        read_at=now,
    ).save(force_insert=True)
    return contact
