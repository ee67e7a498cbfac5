"""Every scope there is, with what it allows in one line."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

SCOPES: Mapping[str, str] = {
    "registry:read": "Read schools and organizations.",
    "registry:write": "Open and change schools and organizations, and import files of them.",
    "measures:read": "Read measures of schools.",
    "measures:write": "Define measures and import their values.",
    "frameworks:read": "Read rating frameworks.",
    "frameworks:write": "Add rating frameworks and change their state.",
    "ratings:read": "Read published ratings and how they came about.",
    "ratings:run": "Rate schools by a framework.",
    "ratings:preview": "Read ratings before they are published.",
    "ratings:publish": "Publish ratings, and decide corrections and appeals.",
    "ratings:contest": "Ask for corrections of your schools' ratings, and appeal.",
    "decisions:read": "Read decisions about schools and the ratings they relied on.",
    "decisions:write": "Record decisions about schools.",
    "goals:read": "Read the goals of agreements and how they stand.",
    "goals:write": "Record the goals of agreements, and decide what is not computed.",
    "comparisons:write": "Compare autonomous schools with others, for everybody to read.",
    "catalog:read": "Read what the district offers to schools.",
    "catalog:write": "Change what the district offers to schools.",
    "requests:read": "Read service requests.",
    "requests:write": "Make service requests and follow them up.",
    "requests:manage": "Do the district's part of service requests.",
    "charges:read": "Read what shared services cost a school, and its statements.",
    "charges:write": "Write charges for shared services, and correct them.",
    "clients:read": "Read which clients there are.",
    "clients:write": "Register and revoke clients.",
}


def _known(scope: str) -> str:
    if scope not in SCOPES:
        raise ValueError(f"not a scope; the scopes are {', '.join(SCOPES)}")
    return scope


Scope = Annotated[str, Field(max_length=80, examples=["registry:read"]), AfterValidator(_known)]
