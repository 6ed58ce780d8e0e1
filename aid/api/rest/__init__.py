"""Aid through REST, one file each for the nouns."""

from aid.api.rest.aid_requests import AidRequestViewSet
from aid.api.rest.deliveries import DeliveryViewSet
from aid.api.rest.items import ItemViewSet
from aid.api.rest.matches import MatchRunViewSet, MatchViewSet
from aid.api.rest.needs import NeedCountViewSet
from aid.api.rest.resources import ResourceViewSet
from aid.api.rest.shelters import ShelterViewSet
from aid.api.rest.stays import StayViewSet
from coordination.web.rest import Router

router = Router()
router.register("items", ItemViewSet, basename="item")
router.register("resources", ResourceViewSet, basename="resource")
router.register("shelters", ShelterViewSet, basename="shelter")
router.register("stays", StayViewSet, basename="stay")
router.register("aid-requests", AidRequestViewSet, basename="aid-request")
router.register("matches", MatchViewSet, basename="match")
router.register("match-runs", MatchRunViewSet, basename="match-run")
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("needs", NeedCountViewSet, basename="need")
