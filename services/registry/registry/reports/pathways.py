"""How a school is run, in the codes of the taxonomy: what counts as an autonomous district school, what as a charter.

A stand-alone charter is no autonomous district school, an innovation charter is both, and a school of a charter
*system* is no charter school: none of that follows from a flag (domain 1.5, pitfall 14).
"""

from collections.abc import Mapping

from contracts.vocabulary import Arrangement

PATHWAYS: Mapping[Arrangement, str] = {
    "waiver-based": "A1",
    "labor-agreement": "A2",
    "charter-system": "A3",
    "zone-joint-board": "B1",
    "zone-nonprofit": "B2",
    "partner-network": "C1",
    "contracted-manager": "C2",
    "operator-in-district": "D1",
    "innovation-charter": "D2",
    "state-approved-project": "D3",
    "traditional": "X",
    "independent-charter": "Y",
}
"""Arrangement to code. A contract school has none: the taxonomy does not know it."""

CHARTERS: frozenset[Arrangement] = frozenset({"independent-charter", "innovation-charter"})
OUTSIDE: frozenset[Arrangement] = frozenset({"traditional", "independent-charter"})
"""Run by the district like any other school, or not of the district at all."""

OPERATED: frozenset[Arrangement] = frozenset(
    {"contracted-manager", "operator-in-district", "innovation-charter", "state-approved-project", "contract-school"}
)
"""Arrangements in which an operator runs the school day by day."""

ZONED: frozenset[Arrangement] = frozenset({"zone-joint-board", "zone-nonprofit"})
