"""What it takes to read each field of a row, at every door: written by hand and not read off the guard.

A door that shows a field which no line names fails: decide who may know it, and write it where it belongs.
`lists` are rows of another model, each with the field by which it belongs to this one; `admin` are names that only the
admin has.
"""

from __future__ import annotations

# Who sees such a row sees all that is shown of it.
WHOLE = {"access", "webhooks", "web", "outbox"}

TABLES = """
aid.AidRequest
  admin    place=coarse
  coarse   possible_duplicates
  coarse   ref public_cell people urgency needed_by status closed_at is_exercise incident lines distance_m
  exact    location building area reported_by channel consent coverage review_at follow_up duplicate_of
  exact    created_at updated_at verified_at
  contact  status_reason client_ref
  health   members age_bands vulnerabilities vulnerable_people
  lists    lines=aid.RequestLine.aid_request matches=aid.Match.line__aid_request duplicates=aid.AidRequest.duplicate_of

aid.RequestLine
  coarse   item aid_request quantity conditions
  exact    reserved dispatched delivered unmet
  lists    matches=aid.Match.line

aid.Item
  coarse   code name_uk name_en sector unit is_divisible default_radius_m hxl is_active updated_at

aid.Resource
  admin    place=coarse
  coarse   provider item available_from expires_at status conditions is_exercise distance_m created_at
  exact    updated_at location area name total reserved consumed free service_radius_m client_ref
  lists    matches=aid.Match.resource

aid.Shelter
  admin    place=coarse occupancy=exact
  coarse   ref name kind operator location area address status amenities amenities_verified_at backup_power_h
  coarse   is_step_free accepts_pets opening_hours observed_at is_public is_exercise distance_m created_at updated_at
  exact    places total_places free_places client_ref
  lists    stays=aid.ShelterStay.shelter

aid.ShelterStay
  coarse   shelter party_size status match checked_in_at checked_out_at created_at updated_at

aid.Match
  admin    line_item=coarse
  coarse   ref line aid_request item resource quantity quantity_delivered distance_band_m status respond_by decided_at
  coarse   why delivery created_at released_at released_by
  exact    updated_at distance_m status_reason run

aid.MatchRun
  coarse   status scope started_at finished_at objective lower_bound gap counts settings engine_version
  coarse   created_at updated_at
  lists    matches=aid.Match.run

aid.Delivery
  coarse   provider status matches dispatched_at delivered_at failed_at returned_at created_at
  exact    failure_reason updated_at
  lists    matches=aid.Match.delivery

incidents.Incident
  admin    place=coarse
  coarse   ref title hazard severity urgency certainty status verification occurred_at reported_at closed_at parent
  coarse   public_cell areas public_from is_exercise distance_m created_at updated_at
  exact    description reported_by location footprint dismissal_reason client_ref
  lists    areas= children=incidents.Incident.parent casualty_reports=incidents.CasualtyReport.incident
  lists    impact_sites=incidents.ImpactSite.incident buildings=incidents.AffectedBuilding.incident
  lists    outages=incidents.Outage.incident aid_requests=aid.AidRequest.incident

incidents.CasualtyReport
  coarse   incident killed injured missing displaced source as_of created_at updated_at
  exact    reported_by

incidents.ImpactSite
  admin    place=coarse
  coarse   incident public_cell kind object_kind struck_at reported_at distance_m created_at
  exact    location area reported_by updated_at
  lists    buildings=incidents.AffectedBuilding.impact_site

incidents.AffectedBuilding
  admin    place=coarse current_grade=coarse current_habitability=coarse
  coarse   incident impact_site reported_by address location footprint area use dwellings residents grade habitability
  coarse   distance_m created_at updated_at
  lists    assessments=incidents.DamageAssessment.building aid_requests=aid.AidRequest.building

incidents.DamageAssessment
  coarse   building reported_by scale value grade crosswalk_version method assessed_at habitability
  coarse   created_at updated_at

incidents.Outage
  coarse   incident service status areas customers_affected started_at expected_until restored_at is_exercise
  coarse   created_at updated_at
  exact    footprint reported_by
  lists    areas=

incidents.AccessConstraint
  coarse   reported_by kind area footprint starts_at until lifted_at is_exercise created_at updated_at

aid.NeedCount
  coarse   slot
  coarse   area starts_at ends_at households created_at

areas.Area
  coarse   pcode katottg level name_uk name_en parent boundary updated_at
  lists    children=areas.Area.parent

access.Organisation
  coarse   is_trusted sandbox_of open_matches_max
  coarse   name type is_vetted is_cell is_exercise is_active areas updated_at
  lists    areas=
"""

LEVELS = {"coarse", "exact", "contact", "health"}
# What every row tells of itself.
ALWAYS = {"id", "disclosure"}


def needed(label: str, field: str) -> str:
    """Say what it takes to read a field: a level, or the class of data `health`.

    Raises AssertionError: for a field of which the tables say nothing.
    """
    if field in ALWAYS | LISTS.get(label, {}).keys():
        return "coarse"
    fields = TABLE.get(label, {})
    if field not in fields and label.partition(".")[0] in WHOLE:
        return "coarse"
    assert field in fields, f"{label}.{field} is shown at a door: say in {__name__} who may know it"
    return fields[field]


def _read(tables: str) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    fields: dict[str, dict[str, str]] = {}
    lists: dict[str, dict[str, str]] = {}
    for table in tables.strip().split("\n\n"):
        (label,), *lines = map(str.split, table.splitlines())
        fields[label] = {name: level for level, *names in lines if level in LEVELS for name in names}
        named = [entry for level, *names in lines if level == "admin" for entry in names]
        fields[label] |= dict(entry.split("=") for entry in named)
        entries = [entry for level, *names in lines if level == "lists" for entry in names]
        lists[label] = dict(entry.split("=") for entry in entries)
    return fields, lists


TABLE, LISTS = _read(TABLES)
