"""A district's working time and promises, as the tests of clocks and trips use them."""

from typing import Any

from shared_services.clocks.calendar import CalendarTerms

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
THANKSGIVING = {"name": "Thanksgiving", "validFrom": "2025-11-27", "validTo": "2025-11-29"}
CALENDAR: dict[str, Any] = {
    "timeZone": "America/Chicago",
    "hours": [{"weekday": day, "opens": "07:00", "closes": "16:00"} for day in WEEKDAYS],
    "businessDayMinutes": 540,
    "closures": [THANKSGIVING],
    "bellTiers": [
        {
            "name": "Tier 1",
            "morningStarts": "06:00",
            "morningEnds": "09:15",
            "afternoonStarts": "13:30",
            "afternoonEnds": "17:15",
        }
    ],
}
ROUTINE: dict[str, Any] = {
    "code": "routine",
    "name": "Routine",
    "targets": [
        {"clock": "acknowledge", "amount": 4, "unit": "business-hours"},
        {"clock": "respond", "amount": 2, "unit": "business-days"},
        {"clock": "complete", "amount": 4, "unit": "business-days"},
        {"clock": "complete", "priority": "P1", "amount": 1, "unit": "business-days"},
    ],
    "pauses": [
        {"reason": "needs-info", "clocks": ["respond", "complete"]},
        {"reason": "parts", "clocks": ["complete"], "atMostDays": 10},
    ],
    "escalations": [{"atPercent": 50, "to": "Foreman"}, {"atPercent": 100, "to": "Director of facilities"}],
}
EMERGENCY: dict[str, Any] = {
    "code": "emergency",
    "name": "Emergency",
    "targets": [{"clock": "respond", "amount": 1, "unit": "hours"}],
}
PROMISES: dict[str, Any] = {"classes": [ROUTINE, EMERGENCY]}


def calendar(**more: Any) -> CalendarTerms:
    """The calendar, with some of it otherwise."""
    return CalendarTerms.model_validate(CALENDAR | more)
