"""The areas of decision that instruments grant, and the rights in each (domain 2.1)."""

from collections.abc import Mapping, Sequence

from contracts.registry import DecisionRight

RIGHTS: Mapping[str, Sequence[DecisionRight]] = {
    "staffing": (
        "principal-selection",
        "outside-hiring",
        "refuse-forced-placement",
        "dismissal",
        "staff-evaluation",
        "staff-roles",
        "pay-scale",
        "certification",
        "hours-and-duties",
        "own-employer",
    ),
    "budget": (
        "lump-sum-budget",
        "actual-salary-budgeting",
        "carry-over",
        "own-purchasing",
        "fundraising-without-offset",
        "money-of-declined-services",
    ),
    "curriculum": ("curriculum-materials", "assessments", "grading-and-graduation", "course-codes"),
    "schedule-and-calendar": ("day-length", "start-and-stop-times", "days-per-year", "early-release-days"),
    "professional-development": ("decline-district-training", "own-training-days"),
    "governance": ("own-board", "board-membership", "principal-evaluation"),
    "operations-and-services": (
        "decline-services",
        "replace-services",
        "buy-back-services",
        "own-vendors",
        "decline-district-initiatives",
    ),
    "policy": ("district-policies", "code-of-conduct"),
    "students": ("enrollment-rule", "attendance-area", "discipline"),
    "facilities": ("facility-use", "facility-alteration", "facility-lease", "facility-ownership"),
    "data-and-technology": ("own-information-system", "own-devices"),
}
"""Area, in the words of the instruments' `grants.autonomies`, to rights."""

AREA: Mapping[str, str] = {right: area for area, rights in RIGHTS.items() for right in rights}
