"""What shared services hears."""

from contracts.registry import OrganizationChanged, SchoolChanged
from kit.reactions import Reactions

from shared_services import directory

REACTIONS: Reactions = {SchoolChanged: directory.keep_school, OrganizationChanged: directory.keep_organization}
