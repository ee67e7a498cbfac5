"""What accountability hears."""

from contracts.registry import OrganizationChanged, SchoolChanged
from kit.reactions import Reactions

from accountability import directory

REACTIONS: Reactions = {SchoolChanged: directory.keep_school, OrganizationChanged: directory.keep_organization}
