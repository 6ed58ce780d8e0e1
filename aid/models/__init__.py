"""The nouns of aid, one file each."""

from aid.models.aid_request import AidRequest
from aid.models.contact import Contact
from aid.models.delivery import Delivery
from aid.models.duplicate import DuplicateMerge, PossibleDuplicate
from aid.models.item import Item
from aid.models.match import Match
from aid.models.match_run import MatchRun
from aid.models.need_count import NeedCount, NeedSlot
from aid.models.request_line import RequestLine
from aid.models.resource import Resource
from aid.models.shelter import Shelter
from aid.models.shelter_stay import ShelterStay

__all__ = [
    "AidRequest",
    "Contact",
    "Delivery",
    "DuplicateMerge",
    "Item",
    "Match",
    "MatchRun",
    "NeedCount",
    "NeedSlot",
    "PossibleDuplicate",
    "RequestLine",
    "Resource",
    "Shelter",
    "ShelterStay",
]
