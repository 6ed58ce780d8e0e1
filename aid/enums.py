"""The codes of aid; the code is stored, the label is translated."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sector(models.TextChoices):
    """Humanitarian coordination groups. Source: OCHA global coordination groups, HXL-tagged list."""

    CCM = "CCM", _("camp coordination and camp management")
    EDU = "EDU", _("education")
    ERY = "ERY", _("early recovery")
    FSC = "FSC", _("food security")
    HEA = "HEA", _("health")
    LOG = "LOG", _("logistics")
    NUT = "NUT", _("nutrition")
    PRO = "PRO", _("protection")
    SHL = "SHL", _("emergency shelter and household items")
    TEL = "TEL", _("emergency telecommunications")
    WSH = "WSH", _("water, sanitation and hygiene")
    MPC = "MPC", _("multi-purpose cash")


class Unit(models.TextChoices):
    PIECE = "piece", _("pieces")
    LITRE = "litre", _("litres")
    KILOGRAM = "kilogram", _("kilograms")
    SET = "set", _("sets")
    PLACE = "place", _("places")
    DOSE = "dose", _("doses")
    HOUR = "hour", _("hours")
    SQUARE_METRE = "square_metre", _("square metres")
    TRIP = "trip", _("trips")
    UAH = "uah", _("hryvnias")


class Condition(models.TextChoices):
    """What a line may need and a resource may have; the position is the bit that the matching engine sees."""

    STEP_FREE = "step_free", _("step-free access")
    REFRIGERATED = "refrigerated", _("refrigerated")
    HOME_DELIVERY = "home_delivery", _("brought to the door")
    PETS = "pets", _("pets welcome")
    MEDICAL_POWER = "medical_power", _("power for medical devices")
    OXYGEN = "oxygen", _("oxygen")
    INFANT = "infant", _("fit for infants")
    WOMEN_ONLY = "women_only", _("for women and children only")
    LIFT_VEHICLE = "lift_vehicle", _("vehicle with a lift")
    HEATED = "heated", _("heated")


class ShelterKind(models.TextChoices):
    COLLECTIVE_CENTRE = "collective_centre", _("collective centre")
    BOMB_SHELTER = "bomb_shelter", _("bomb shelter")
    PROTECTIVE_SHELTER = "protective_shelter", _("protective shelter")
    POINT_OF_INVINCIBILITY = "point_of_invincibility", _("Point of Invincibility")
    TRANSIT_CENTRE = "transit_centre", _("transit centre")


class ShelterStatus(models.TextChoices):
    OPEN = "open", _("open")
    STANDBY = "standby", _("on standby")
    CLOSED = "closed", _("closed")


class Amenity(models.TextChoices):
    """What a Point of Invincibility is meant to offer, and what shelters state."""

    HEAT = "heat", _("heat")
    POWER = "power", _("electricity")
    WATER = "water", _("water")
    INTERNET = "internet", _("internet")
    FOOD = "food", _("food")
    FIRST_AID = "first_aid", _("first aid")
    CHILD_CORNER = "child_corner", _("child corner")
    DEVICE_CHARGING = "device_charging", _("device charging")


class StayStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    CHECKED_IN = "checked_in", _("checked in")
    CHECKED_OUT = "checked_out", _("checked out")
    CANCELLED = "cancelled", _("cancelled")
    NO_SHOW = "no_show", _("did not come")


class ResourceStatus(models.TextChoices):
    AVAILABLE = "available", _("available")
    PAUSED = "paused", _("paused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Channel(models.TextChoices):
    """How a need reached us."""

    HOTLINE = "hotline", _("hotline")
    FIELD_VISIT = "field_visit", _("field visit")
    PARTNER_SYSTEM = "partner_system", _("partner system")
    WEB_FORM = "web_form", _("web form")
    MESSENGER = "messenger", _("messenger")
    SHELTER_DESK = "shelter_desk", _("shelter desk")
    OTHER = "other", _("other")


class AidRequestStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    VERIFIED = "verified", _("verified")
    CLOSED = "closed", _("closed")
    REJECTED = "rejected", _("rejected")
    DUPLICATE = "duplicate", _("duplicate")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")


OPEN_AID_REQUEST_STATUSES = (AidRequestStatus.DRAFT, AidRequestStatus.SUBMITTED, AidRequestStatus.VERIFIED)


class Urgency(models.IntegerChoices):
    LIFE_THREATENING = 1, _("life-threatening")
    URGENT = 2, _("urgent (24 hours)")
    SOON = 3, _("soon (3 days)")
    ROUTINE = 4, _("routine")


class Consent(models.TextChoices):
    NOT_ASKED = "not_asked", _("not asked")
    REFUSED = "refused", _("refused")
    GIVEN = "given", _("given")


class Sex(models.TextChoices):
    FEMALE = "f", _("female")
    MALE = "m", _("male")
    OTHER = "o", _("other")
    UNKNOWN = "u", _("unknown")


class Vulnerability(models.TextChoices):
    PREGNANT_LACTATING = "pregnant_lactating", _("pregnant or breastfeeding")
    INFANT = "infant", _("infant")
    UNACCOMPANIED_CHILD = "unaccompanied_child", _("unaccompanied child")
    ELDERLY_ALONE = "elderly_alone", _("elderly person alone")
    DISABILITY = "disability", _("disability")
    CHRONIC_ILLNESS = "chronic_illness", _("chronic illness")
    OXYGEN = "oxygen", _("needs oxygen")
    DIALYSIS = "dialysis", _("needs dialysis")
    INSULIN = "insulin", _("needs insulin")
    SINGLE_PARENT = "single_parent", _("single parent")
    CHILD_HEADED = "child_headed", _("headed by a child")
    FEMALE_HEADED = "female_headed", _("headed by a woman")
    DISPLACED = "displaced", _("displaced")


class FollowUp(models.TextChoices):
    """Whose turn it is to ask how a request stands."""

    NONE = "none", _("nobody's")
    REPORTER = "reporter", _("the reporting organisation's")
    CELL = "cell", _("the coordination cell's")


class Coverage(models.TextChoices):
    """How far a request is served; always computed from its lines."""

    NONE = "none", _("nothing yet")
    PARTIAL = "partial", _("in part")
    RESERVED = "reserved", _("reserved")
    DISPATCHED = "dispatched", _("on its way")
    DELIVERED = "delivered", _("delivered")


class MatchStatus(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    FULFILLED = "fulfilled", _("fulfilled")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


class EndReason(models.TextChoices):
    """Why the system itself let a match go; people give their own reasons."""

    AID_REQUEST_ENDED = "aid_request_ended", _("the aid request has ended")
    AID_REQUEST_CHANGED = "aid_request_changed", _("the aid request was changed")
    AID_REQUEST_MERGED = "aid_request_merged", _("the aid request was merged into another")
    RESOURCE_CHANGED = "resource_changed", _("the resource was changed")
    RESOURCE_PAUSED = "resource_paused", _("the resource was paused")
    RESOURCE_WITHDRAWN = "resource_withdrawn", _("the resource was withdrawn")
    SHELTER_NOT_OPEN = "shelter_not_open", _("the shelter is not open")
    STAY_CANCELLED = "stay_cancelled", _("the stay was cancelled")
    NO_SHOW = "no_show", _("the party did not come")
    NOT_ANSWERED = "not_answered", _("nobody answered in time")
    NOTHING_ARRIVED = "nothing_arrived", _("nothing arrived")


LIVE_MATCH_STATUSES = (MatchStatus.PROPOSED, MatchStatus.ACCEPTED)


class DeliveryStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    DISPATCHED = "dispatched", _("dispatched")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    RETURNED = "returned", _("returned")


class MatchRunStatus(models.TextChoices):
    RUNNING = "running", _("running")
    FINISHED = "finished", _("finished")
    FAILED = "failed", _("failed")


class DuplicateReason(models.TextChoices):
    """What two requests that may be the same one have in common."""

    PHONE = "phone", _("same phone")
    BUILDING = "building", _("same building and item")
