"""Open the sealed contact of a request, on the record."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.models import AidRequest, Contact
from aid.querysets import released_among, released_to, shared_among
from coordination.access.actions.record_reading import check_purpose, record_reading
from coordination.access.wall import seen_as
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require


class NoContact(DomainError):
    code = "no_contact"
    message = _("Nobody left a contact with this request.")


@action
def read_contact(*, aid_request: AidRequest, purpose: str, actor: Actor, now: datetime) -> Contact:
    """Give whom to call, in plain text; who read it, for whom and what for is recorded in the same transaction.

    Raises NoContact: when none was left. Raises InvalidFields: without a purpose.
    """
    require(policies.may_read_contact(actor, aid_request))
    check_purpose(purpose)
    reader = actor.narrowed_to(policies.READ_CONTACT)
    with seen_as(actor, released_ids=released_to(reader)):
        contact: Contact | None = Contact.objects.filter(aid_request=aid_request.pk).first()
    if contact is None:
        raise NoContact
    record_reading(
        subject=Contact._meta.label_lower,
        subject_ids=[contact.pk],
        purpose=purpose,
        on_behalf_of=reader.acting_for(
            aid_request.reported_by_id, *released_among(reader, aid_request.pk), *shared_among(reader, aid_request)
        ),
        actor=actor,
        now=now,
    )
    return contact
