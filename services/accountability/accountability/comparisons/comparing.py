"""Compare: from what was read to what is found, by pure functions alone. The same inputs give the same result."""

import polars as pl

from accountability.comparisons.cohorts import members
from accountability.comparisons.inputs import Inputs
from accountability.comparisons.matching import DIGITS, PEERS, matched
from accountability.comparisons.schemas import NewComparison, Peer, Result
from accountability.comparisons.series import points


def compare(asked: NewComparison, inputs: Inputs) -> Result:
    """The series of each group, with its breaks, its peers, and how all of it was found."""
    followed = members(inputs.standings, asked.cohort, asked.from_year, asked.to_year)
    treated = sorted(autonomous_of(followed))
    peers, unmatched = PEERS.to_frame(), dict[str, str]()
    if asked.matching is not None:
        peers, unmatched = matched(inputs.standings, inputs.covariates, treated, asked.matching)
    found = points(followed, inputs.figures, peers, inputs.breaks, asked.align, asked.interval_from)
    return Result(
        method=method(asked),
        breaks=list(inputs.breaks),
        points=found,
        peers=[Peer(**row) for row in peers.sort("school_id", "rank").iter_rows(named=True)],
        unmatched=unmatched,
    )


def autonomous_of(followed: pl.DataFrame) -> set[str]:
    """The autonomous schools that are followed."""
    return set(followed.filter(pl.col("group") == "autonomous")["school_id"])


def method(asked: NewComparison) -> list[str]:
    """How it is compared, in sentences."""
    cohort = (
        f"A fixed cohort: the schools that were autonomous in {asked.cohort.year}, and those that were traditional"
        " then; whoever left stays, with a figure as long as there is one."
        if asked.cohort.kind == "fixed"
        else "A rolling cohort: in each year the schools that are autonomous, and those that are traditional."
    )
    others = (
        "Years since the start: the others of a point are those of the same school years, as often as they stand beside"
        " an autonomous school."
        if asked.align == "years-since-start"
        else "By school year, the year that the figures are of."
    )
    said = [
        cohort,
        others,
        "A school is in a year what it is on 1 October. Each school counts once; means are not weighted.",
        "Years without a rating, and figures that are hidden, are left out and counted. After a restart a school counts"
        " no more. Lines end at breaks.",
        f"Intervals: 95 %, Student's t over schools, from {asked.interval_from} schools on; none for peers, nor for"
        " others by years since the start, which are not independent.",
    ]
    if asked.matching is not None:
        weights = ", ".join(
            f"{each.indicator or 'prior score'} x {each.weight:g}" for each in asked.matching.covariates
        )
        level = ", of the same level" if asked.matching.same_level else ""
        said.append(
            f"Peers: the {asked.matching.neighbors} nearest traditional schools of the district{level}, in the year"
            f" before the start, by Euclidean distance over standardized covariates ({weights}), to {DIGITS} digits;"
            " ties by identifier; with replacement."
        )
    return said
