"""What may happen to needs and supplies, as GraphQL mutations."""

from __future__ import annotations

import strawberry

from aid.actions.accept_match import accept_match
from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.cancel_match import cancel_match
from aid.actions.cancel_stay import cancel_stay
from aid.actions.change_aid_request import change_aid_request
from aid.actions.change_resource import change_resource
from aid.actions.change_shelter import change_shelter
from aid.actions.check_in import check_in
from aid.actions.check_out import check_out
from aid.actions.close_aid_request import close_aid_request
from aid.actions.close_shelter import close_shelter
from aid.actions.confirm_delivery import confirm_delivery
from aid.actions.decline_match import decline_match
from aid.actions.dismiss_possible_duplicate import dismiss_possible_duplicate
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.erase_person import erase_person
from aid.actions.fail_delivery import fail_delivery
from aid.actions.file_aid_request import file_aid_request
from aid.actions.find_by_phone import find_by_phone
from aid.actions.mark_no_show import mark_no_show
from aid.actions.merge_duplicate import merge_duplicate
from aid.actions.offer_resource import offer_resource
from aid.actions.open_shelter import open_shelter
from aid.actions.pause_resource import pause_resource
from aid.actions.pause_shelter import pause_shelter
from aid.actions.plan_delivery import plan_delivery
from aid.actions.plan_stay import plan_stay
from aid.actions.read_contact import read_contact
from aid.actions.reject_aid_request import reject_aid_request
from aid.actions.release_match import release_match
from aid.actions.renew_aid_request import renew_aid_request
from aid.actions.reopen_shelter import reopen_shelter
from aid.actions.resume_resource import resume_resource
from aid.actions.return_delivery import return_delivery
from aid.actions.submit_aid_request import submit_aid_request
from aid.actions.undo_merge import undo_merge
from aid.actions.verify_aid_request import verify_aid_request
from aid.actions.withdraw_release import withdraw_release
from aid.actions.withdraw_resource import withdraw_resource
from aid.api.graphql.inputs import (
    ChangeAidRequestInput,
    ChangeResourceInput,
    ChangeShelterInput,
    ConfirmDeliveryInput,
    DismissPossibleDuplicateInput,
    FileAidRequestInput,
    FindByPhoneInput,
    MergeDuplicateInput,
    OfferResourceInput,
    OpenShelterInput,
    PlanDeliveryInput,
    PlanStayInput,
    ReadContactInput,
)
from aid.api.graphql.types import AidRequest, Delivery, Match, Resource, Shelter, Stay
from coordination.web.graphql.changes import mutation, reading, verb


@strawberry.type(description="Whom to call; who read it, and what for, was recorded.")
class Contact:
    """See its GraphQL description."""

    name: str
    phone: str
    address: str
    notes: str


@strawberry.type(description="The requests that a phone number was left with, the newest first.")
class FoundByPhone:
    """See its GraphQL description."""

    refs: list[str]


@strawberry.type
class AidMutation:
    """What may happen to needs and supplies."""

    file_aid_request = mutation(file_aid_request, FileAidRequestInput, AidRequest, needs_key=True)
    change_aid_request = mutation(change_aid_request, ChangeAidRequestInput, AidRequest, needs_key=True)
    submit_aid_request = verb(submit_aid_request, "aid_request", AidRequest, needs_key=True)
    verify_aid_request = verb(verify_aid_request, "aid_request", AidRequest, needs_key=True)
    reject_aid_request = verb(reject_aid_request, "aid_request", AidRequest, needs_key=True, reason=str)
    merge_duplicate = mutation(merge_duplicate, MergeDuplicateInput, AidRequest, needs_key=True)
    undo_merge = verb(undo_merge, "aid_request", AidRequest, needs_key=True)
    dismiss_possible_duplicate = mutation(
        dismiss_possible_duplicate, DismissPossibleDuplicateInput, AidRequest, needs_key=True
    )
    renew_aid_request = verb(renew_aid_request, "aid_request", AidRequest, needs_key=True)
    cancel_aid_request = verb(cancel_aid_request, "aid_request", AidRequest, needs_key=True, reason=str)
    close_aid_request = verb(close_aid_request, "aid_request", AidRequest, needs_key=True, reason=str | None)
    erase_person = verb(erase_person, "aid_request", AidRequest, needs_key=True, reason=str)
    read_contact = reading(read_contact, ReadContactInput, Contact)
    find_by_phone = reading(find_by_phone, FindByPhoneInput, FoundByPhone)

    offer_resource = mutation(offer_resource, OfferResourceInput, Resource)
    change_resource = mutation(change_resource, ChangeResourceInput, Resource)
    pause_resource = verb(pause_resource, "resource", Resource)
    resume_resource = verb(resume_resource, "resource", Resource)
    withdraw_resource = verb(withdraw_resource, "resource", Resource)

    open_shelter = mutation(open_shelter, OpenShelterInput, Shelter)
    change_shelter = mutation(change_shelter, ChangeShelterInput, Shelter)
    pause_shelter = verb(pause_shelter, "shelter", Shelter)
    reopen_shelter = verb(reopen_shelter, "shelter", Shelter)
    close_shelter = verb(close_shelter, "shelter", Shelter)
    plan_stay = mutation(plan_stay, PlanStayInput, Stay)
    check_in = verb(check_in, "stay", Stay)
    check_out = verb(check_out, "stay", Stay)
    cancel_stay = verb(cancel_stay, "stay", Stay)
    mark_no_show = verb(mark_no_show, "stay", Stay)

    accept_match = verb(accept_match, "match", Match, needs_key=True)
    decline_match = verb(decline_match, "match", Match, needs_key=True, reason=str | None)
    cancel_match = verb(cancel_match, "match", Match, needs_key=True, reason=str)
    release_match = verb(release_match, "match", Match, needs_key=True)
    withdraw_release = verb(withdraw_release, "match", Match, needs_key=True)

    plan_delivery = mutation(plan_delivery, PlanDeliveryInput, Delivery, needs_key=True)
    dispatch_delivery = verb(dispatch_delivery, "delivery", Delivery, needs_key=True)
    confirm_delivery = mutation(confirm_delivery, ConfirmDeliveryInput, Delivery, needs_key=True)
    fail_delivery = verb(fail_delivery, "delivery", Delivery, needs_key=True, reason=str)
    return_delivery = verb(return_delivery, "delivery", Delivery, needs_key=True)
