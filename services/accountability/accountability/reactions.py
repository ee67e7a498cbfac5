"""What accountability hears."""

from contracts.registry import AgreementChanged, DistrictCalendarChanged, OrganizationChanged, SchoolChanged
from kit.reactions import Reactions

from accountability import directory
from accountability.agreements import Agreement
from accountability.calendars import DistrictCalendar, keep_calendar
from accountability.rollups.following import hear_agreement, hear_school

REACTIONS: Reactions = {
    SchoolChanged: hear_school,
    OrganizationChanged: directory.keep_organization,
    AgreementChanged: hear_agreement,
    DistrictCalendarChanged: keep_calendar,
}

PROJECTION = (*directory.PROJECTION, Agreement, DistrictCalendar)
"""The tables that `concordat rebuild` empties."""
