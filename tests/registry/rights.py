"""Who may do what in the registry: every route with its expectation, and what nobody of a role ever reads of."""

from tests.registry.expected import (
    Expected,
    at_agreement,
    at_school,
    autonomy_body,
    by_the_district,
    dissolution,
    draft_body,
    entitlements,
    history_body,
    instrument_body,
    of_the_school,
    owned,
    read,
    since,
    stewarded,
    term_body,
    waiver_body,
    window_body,
    zone_exit,
)
from tests.registry.journeys import facts, text
from tests.registry.roles import AT_LINCOLN, EVERYBODY, OWN_STEWARDS, OWNERS, STEWARDS, STRANGERS

AGREEMENT, SCHOOL, ZONE = {"tag": at_agreement}, {"tag": at_school}, {"organization_id": "zone"}
LISTED, RUN_BY_ALL_BUT_FAR = ("Lincoln", AT_LINCOLN), EVERYBODY - {"far"}
DRY = {"query": lambda _: {"dryRun": True}}
EXPECTED: dict[str, Expected] = {
    # Organizations, buildings, calendars, instruments: who exists is public.
    "GET /v1/organizations": read(sees=("north", EVERYBODY)),
    "GET /v1/organizations/{organization_id}": read(),
    "POST /v1/organizations": Expected(STEWARDS, done=201, body=lambda _: {"name": "New", "types": ["operator"]}),
    "PATCH /v1/organizations/{organization_id}": Expected(
        OWN_STEWARDS,
        places={"organization_id": "north"},
        body=lambda _: {"name": "Northern"},
        tag=lambda things: f"/v1/organizations/{things['north']}",
    ),
    "GET /v1/organizations/{organization_id}/calendars": read(),
    "GET /v1/organizations/{organization_id}/calendars/{school_year}": read(),
    "POST /v1/organizations/{organization_id}/calendars": by_the_district(
        done=201,
        body=lambda _: {"schoolYear": 2030, "firstDay": "2029-07-01", "lastDay": "2030-06-30", "source": "board"},
    ),
    "PATCH /v1/organizations/{organization_id}/calendars/{school_year}": by_the_district(
        body=lambda _: {"source": "board, corrected"},
        tag=lambda things: f"/v1/organizations/{things['district']}/calendars/2029",
    ),
    "GET /v1/organizations/{organization_id}/deadlines.ics": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/buildings": read(sees=("building", EVERYBODY)),
    "GET /v1/buildings/{building_id}": read(),
    "GET /v1/buildings/{building_id}/history": read(),
    "POST /v1/buildings": Expected(
        STEWARDS, done=201, body=lambda things: since(name="Shed", ownerId=things["district"])
    ),
    "PATCH /v1/buildings/{building_id}": Expected(
        OWN_STEWARDS,
        body=lambda _: since(capacity=400),
        tag=lambda things: f"/v1/buildings/{things['building']}",
    ),
    "GET /v1/instruments": read(),
    "GET /v1/instruments/{instrument_id}/{version}": read(),
    "POST /v1/instruments": Expected(STEWARDS, done=201, body=instrument_body),
    # Schools.
    "GET /v1/schools": read(sees=LISTED),
    "GET /v1/schools/{school_id}": of_the_school(),
    "GET /v1/schools/{school_id}/history": of_the_school(),
    "POST /v1/schools": Expected(STEWARDS, done=201, body=lambda _: since(name="New")),
    "PATCH /v1/schools/{school_id}": stewarded(body=lambda _: since(name="Renamed"), **SCHOOL),
    "PUT /v1/schools/{school_id}/history": stewarded(body=history_body, **SCHOOL),
    "POST /v1/schools/{school_id}/aliases": stewarded(
        done=201, body=lambda _: {"system": "x", "value": "1", "validFrom": "2028-07-01"}, **SCHOOL
    ),
    "POST /v1/schools/{school_id}/assignments": stewarded(
        done=201, body=lambda things: since(organizationId=things["south"], role="support-partner"), **SCHOOL
    ),
    "POST /v1/schools/{school_id}/assignments/{assignment_id}/end": stewarded(
        body=lambda _: {"validTo": "2028-12-01"}, **SCHOOL
    ),
    "POST /v1/schools/{school_id}/buildings": stewarded(
        done=201, body=lambda things: since(buildingId=things["other building"]), **SCHOOL
    ),
    "POST /v1/schools/{school_id}/buildings/{building_id}/end": stewarded(
        body=lambda _: {"validTo": "2028-12-01"}, **SCHOOL
    ),
    "POST /v1/imports/schools": Expected(
        OWN_STEWARDS,
        frozenset({"far"}),
        unheard=422,
        query=lambda _: {"validFrom": "2028-09-01", "source": "file"},
        csv="aliasSystem,aliasValue,name\ndistrict:d,0Lincoln,Truth\n",
    ),
    "POST /v1/imports/ccd/schools": Expected(
        STEWARDS, query=lambda _: {"validFrom": "2028-09-01", "source": "file"}, csv="NCESSCH,LEAID,SCH_NAME\n"
    ),
    "POST /v1/imports/ccd/leas": Expected(
        STEWARDS, query=lambda _: {"validFrom": "2028-09-01"}, csv="LEAID,LEA_NAME\n"
    ),
    # Lineage, zones, snapshots, reporting periods, the audit trail.
    "GET /v1/schools/{school_id}/lineage": of_the_school(),
    "GET /v1/lineage-events": read(sees=("lineage", AT_LINCOLN)),
    "POST /v1/lineage-events": stewarded(
        hides="Lincoln",
        body=lambda things: (
            {"kind": "renamed", "schoolId": things["Lincoln"], "name": "X"}
            | {"effectiveOn": "2028-10-01", "source": "board"}
        ),
        **DRY,
    ),
    "POST /v1/lineage-events/{event_id}/withdrawal": stewarded(body=lambda _: {"reason": "wrong school"}),
    "GET /v1/zones/{organization_id}/exits": Expected(
        EVERYBODY, places=ZONE, sees=("exit", frozenset({"platform", "state", "district", "zone"}))
    ),
    "POST /v1/zones/{organization_id}/departures": stewarded(places=ZONE, body=zone_exit, hides="Lincoln", **DRY),
    "POST /v1/zones/{organization_id}/removals": stewarded(places=ZONE, body=zone_exit, hides="Lincoln", **DRY),
    "POST /v1/zones/{organization_id}/dissolution": Expected(OWN_STEWARDS, places=ZONE, body=dissolution, **DRY),
    "GET /v1/snapshots": read(),
    "POST /v1/snapshots": Expected(STEWARDS, done=201, body=lambda _: {"name": "Mine", "asOf": "2028-10-01"}),
    "GET /v1/snapshots/{name}/schools": read(sees=LISTED),
    "GET /v1/snapshots/{name}/changes": read(),
    "GET /v1/reporting-periods": read(sees=("lock", OWNERS)),
    "POST /v1/reporting-periods": Expected(STEWARDS, done=201, body=lambda _: {"name": "2020", "until": "2020-07-01"}),
    "GET /v1/audit": read(STEWARDS),
    "GET /v1/audit/head": read(),
    # Agreements.
    "GET /v1/agreements": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/agreements/{agreement_id}": of_the_school(),
    "GET /v1/agreements/{agreement_id}/history": of_the_school(),
    "GET /v1/agreements/{agreement_id}/in-force": of_the_school(),
    "GET /v1/agreements/{agreement_id}/approvals": of_the_school(),
    "GET /v1/agreements/{agreement_id}/requirements": of_the_school(query=lambda _: {"transition": "renew"}),
    "POST /v1/agreements": by_the_district(done=201, body=draft_body),
    "PATCH /v1/agreements/{agreement_id}": Expected(
        OWNERS,
        EVERYBODY - OWNERS,
        places={"agreement_id": "draft"},
        body=lambda _: {"title": "Other"},
        tag=lambda things: f"/v1/agreements/{things['draft']}",
    ),
    "POST /v1/agreements/{agreement_id}/transitions": owned(
        done=201, body=lambda _: facts("2028-10-01") | {"name": "open-review"}, **AGREEMENT
    ),
    "POST /v1/agreements/{agreement_id}/amendments": owned(
        done=201, body=lambda _: facts("2028-10-01") | {"text": text("amended")}, **AGREEMENT
    ),
    # Nothing is proposed: whoever may decide hears that.
    "POST /v1/agreements/{agreement_id}/amendments/{number}/adopt": owned(
        done=422, body=lambda _: facts("2028-10-01"), **AGREEMENT
    ),
    "POST /v1/agreements/{agreement_id}/amendments/{number}/reject": owned(
        done=422, body=lambda _: facts("2028-10-01"), **AGREEMENT
    ),
    # Nobody has approved it: whoever may decide hears that.
    "POST /v1/agreements/{agreement_id}/schools": owned(
        done=409, body=lambda things: facts("2028-10-01") | {"schoolId": things["Plain"]}, **AGREEMENT
    ),
    "POST /v1/agreements/{agreement_id}/schools/{school_id}/exit": owned(
        done=409, body=lambda _: facts("2028-10-01") | {"ground": "goals-met"}, hides="agreement", **AGREEMENT
    ),
    # The instrument asks for no vote: a state agency may record votes of a state's body, and hears the same.
    "POST /v1/agreements/{agreement_id}/votes": Expected(
        OWNERS | {"state"},
        STRANGERS,
        done=422,
        body=lambda _: (
            {"step": "teachers", "eligible": 1, "cast": 1, "yes": 1, "no": 0}
            | {"heldOn": "2028-10-01", "evidence": "minutes"}
        ),
    ),
    "POST /v1/agreements/{agreement_id}/acts": owned(
        done=201,
        body=lambda _: (
            {"decision": "renew", "step": "local-board", "decidedOn": "2028-10-01"}
            | {"outcome": "approved", "evidence": "minutes"}
        ),
    ),
    "POST /v1/agreements/{agreement_id}/notices": owned(
        done=201, body=lambda _: {"notice": "state-notice", "givenOn": "2028-10-01", "evidence": "letter"}
    ),
    "GET /v1/agreements/{agreement_id}/board-packet": of_the_school(),
    "GET /v1/agreements/{agreement_id}/evidence": of_the_school(),
    "GET /v1/agreements/{agreement_id}/evidence/{number}": Expected(OWN_STEWARDS, STRANGERS),
    # Deadlines. What is filed is filed: whoever may say so hears that.
    "GET /v1/deadlines": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/deadlines/on-track": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/agreements/{agreement_id}/filings": of_the_school(),
    "POST /v1/agreements/{agreement_id}/filings": Expected(
        OWN_STEWARDS,
        STRANGERS,
        done=409,
        body=lambda things: (
            {"deadline": things["deadline"], "outcome": "acknowledged"}
            | {"doneOn": "2024-05-01", "evidence": "receipt"}
        ),
    ),
    "POST /v1/agreements/{agreement_id}/filings/{filing_id}/withdraw": owned(),
    # Rules are public; waivers and autonomies belong to the school.
    "GET /v1/rules": read(sees=("policy", EVERYBODY)),
    "GET /v1/rules/{rule_id}": read(),
    "GET /v1/rules/{rule_id}/impact": read(query=lambda _: {"changedOn": "2028-10-01"}, sees=LISTED),
    "POST /v1/rules": by_the_district(
        done=201,
        body=lambda things: since(
            layer="district-policy", citation="GCL", title="GCL", organizationId=things["district"]
        ),
    ),
    "PATCH /v1/rules/{rule_id}": by_the_district(
        body=lambda _: {"validTo": "2029-07-01"}, tag=lambda things: f"/v1/rules/{things['policy']}"
    ),
    "GET /v1/waivers": read(sees=("waiver", AT_LINCOLN)),
    "GET /v1/waivers/check": of_the_school(
        hides="Lincoln", query=lambda things: {"schoolId": things["Lincoln"], "rule": things["statute"]}
    ),
    "GET /v1/waivers/impact": of_the_school(
        hides="agreement", query=lambda things: {"agreementId": things["agreement"], "on": "2029-07-01"}
    ),
    "GET /v1/waivers/matrix": read(sees=LISTED),
    "GET /v1/waivers/{waiver_id}": of_the_school(),
    "POST /v1/waivers": owned(done=201, unheard=422, hides="agreement", body=waiver_body),
    "PATCH /v1/waivers/{waiver_id}": owned(
        body=lambda _: {"validTo": "2029-07-01"}, tag=lambda things: f"/v1/waivers/{things['waiver']}"
    ),
    "GET /v1/autonomies": read(sees=("autonomy", AT_LINCOLN)),
    "GET /v1/autonomies/{autonomy_id}": of_the_school(),
    "GET /v1/schools/{school_id}/autonomies": of_the_school(),
    "POST /v1/autonomies": Expected(
        OWNERS, frozenset({"far"}), done=201, unheard=422, hides="agreement", body=autonomy_body
    ),
    "PATCH /v1/autonomies/{autonomy_id}": owned(
        body=lambda _: {"validTo": "2029-07-01"}, tag=lambda things: f"/v1/autonomies/{things['autonomy']}"
    ),
    # Services and enrollment.
    "GET /v1/schools/{school_id}/entitlements": of_the_school(),
    "GET /v1/schools/{school_id}/service-terms": of_the_school(),
    "POST /v1/schools/{school_id}/service-terms": owned(done=201, body=term_body, tag=entitlements),
    "POST /v1/schools/{school_id}/service-terms/{term_id}/end": owned(
        body=lambda _: {"validTo": "2029-07-01"}, tag=entitlements
    ),
    "GET /v1/schools/{school_id}/elections": of_the_school(),
    "POST /v1/schools/{school_id}/elections": owned(
        done=201,
        body=lambda things: (
            {"windowId": things["window"], "electedOn": "2028-10-01", "evidence": "form"}
            | {"chosen": [{"service": "SUPPLIES", "class": "opted-out-no-credit"}]}
        ),
        tag=entitlements,
    ),
    "GET /v1/election-windows": read(sees=("window", RUN_BY_ALL_BUT_FAR)),
    "GET /v1/election-windows/{window_id}": Expected(RUN_BY_ALL_BUT_FAR, frozenset({"far"})),
    "POST /v1/election-windows": by_the_district(done=201, body=window_body),
    "PATCH /v1/election-windows/{window_id}": Expected(
        OWNERS,
        frozenset({"far"}),
        body=lambda _: {"closesOn": "2029-04-01"},
        tag=lambda things: f"/v1/election-windows/{things['window']}",
    ),
    "POST /v1/service-policies": by_the_district(
        done=201,
        body=lambda things: (
            {"districtId": things["district"], "arrangement": "operator-in-district"}
            | {"validFrom": "2028-09-01", "terms": [{"service": "X", "class": "included", "source": "7"}]}
        ),
    ),
    "GET /v1/enrollment-policies": read(sees=("enrollment", AT_LINCOLN)),
    "GET /v1/enrollment-policies/type-counts": read(),
    "GET /v1/schools/{school_id}/enrollment-policies": of_the_school(),
    "GET /v1/schools/{school_id}/enrollment-policies/in-force": of_the_school(),
    "GET /v1/schools/{school_id}/enrollment-policies/{policy_id}": of_the_school(),
    "POST /v1/schools/{school_id}/enrollment-policies": owned(
        done=409,
        body=lambda _: since(policyType="district-assignment", midYearEntry="anytime"),
    ),
    "PATCH /v1/schools/{school_id}/enrollment-policies/{policy_id}": owned(
        body=lambda _: {"validTo": "2029-07-01"},
        tag=lambda things: f"{at_school(things)}/enrollment-policies/{things['enrollment']}",
    ),
    # Reports.
    "GET /v1/reports/portfolio": read(sees=LISTED),
    "GET /v1/reports/portfolio/counts": read(),
    "GET /v1/reports/expirations": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/reports/votes": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/reports/data-quality": read(),
    "GET /v1/reports/data-quality/scorecard": read(),
}
UNSEEN = {
    "state": {"draft of north", "draft of south", "draft"},
    "zone": {"draft of north", "draft of south", "draft", "Alone"},
    "sponsor": {"draft of north", "draft of south", "draft", "Alone", "exit"},
    "north": {"draft of south", "draft", "Alone", "exit"},
    "south": {"draft of north", "draft", "Lincoln", "agreement", "waiver", "autonomy", "lineage", "exit", "enrollment"},
    "former": {"draft of north", "draft of south", "draft", "Lincoln", "agreement", "waiver", "autonomy", "lineage"},
    "far": {"draft of north", "draft of south", "draft", "Lincoln", "Alone", "agreement", "waiver", "exit", "lock"},
}
"""What no answer whatever may name to whom today."""
