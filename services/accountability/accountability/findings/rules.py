"""Every rule about stored measures as one table: how grave it is, what it says, and how it is mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BigInteger, Boolean, ColumnElement, Double, Numeric, Text, and_, case, cast, column, func, or_

Severity = Literal["error", "warning", "info"]
Source = Literal["figures", "beside-all", "dimensions", "last-year", "schools", "lacking", "unmeasured"]
"""What a rule looks at, see `sources`. `figures`: each measure with what its indicator allows; `beside-all`: that of a
group with the school's; `dimensions`: the groups of one kind summed; `last-year`: a school's figure with the one of the
year before; `schools`: who is measured; `lacking`: who has no figure that is needed; `unmeasured`: what nobody has."""

JUMP = 0.25
"""Of an indicator's range: a school that moves further within a year is looked at."""

PARTICIPATION_PERCENT = 95
"""Elementary and Secondary Education Act, section 1111(c)(4)(E): of all students and of each group."""

SENTINELS = (-1, -2, -3, -9, -99, -999, 999, 9999)
"""Numbers by which published files say that a figure is missing or withheld, where an indicator's range has them."""


@dataclass(frozen=True)
class Rule:
    """A rule over a source: it finds the rows for which `holds`, and shows `found` of them.

    Errors block a run unless somebody says why it shall go on. They are of `figures` and `schools` only: a run asks
    them over millions of rows.
    """

    id: str
    severity: Severity
    source: Source
    wording: str
    mend: str
    holds: ColumnElement[bool]
    found: ColumnElement[Any]


_VALUE, _N, _ALL_N = column("value", Double), column("n", BigInteger), column("all_n", BigInteger)
_LEAST, _MOST, _MINIMUM = column("least", Double), column("most", Double), column("minimum_n", BigInteger)
_TOP, _BOTTOM, _LAST = column("numerator", Double), column("denominator", Double), column("last_value", Double)
_SUM, _PARTICIPATION = column("sum_n", BigInteger), column("participation", Double)
_FACTS, _OPEN, _NEEDED = column("has_facts", Boolean), column("is_open", Boolean), column("needed", Text)

_IS_RATE = (_LEAST == 0) & (_MOST == 100)
_SHARE = case((_IS_RATE, 100.0), else_=1.0) * _TOP / _BOTTOM
_LAST_DIGIT = func.power(10.0, -func.scale(func.trim_scale(cast(_VALUE, Numeric))))
# Half of the last digit that is written, and a little for binary fractions.
_NOT_ROUNDED = func.abs(_VALUE - _SHARE) > cast(_LAST_DIGIT, Double) * 0.5000001


def _words(*parts: Any) -> ColumnElement[str]:
    return func.concat(*parts, type_=Text)


RULES: Sequence[Rule] = (
    Rule(
        "outside-range",
        "error",
        "figures",
        "The value lies outside the range that the framework has for the indicator.",
        "Correct the value, or the indicator's minimum and maximum in a new version of the framework.",
        or_(_VALUE < _LEAST, _VALUE > _MOST),
        _words(_VALUE, " of ", _LEAST, " to ", _MOST),
    ),
    Rule(
        "numerator-above-denominator",
        "error",
        "figures",
        "More students reached it than there are.",
        "Correct the numerator or the denominator: a rate is a part of the whole.",
        and_(_IS_RATE, _TOP > _BOTTOM),
        _words(_TOP, " of ", _BOTTOM),
    ),
    Rule(
        "school-closed",
        "error",
        "schools",
        "The registry says that the school was not open on any day of the data year.",
        "Check the identifier (it may have been used again), the data year, and the school's facts in the registry.",
        and_(_FACTS, ~_OPEN),
        _words("closed"),
    ),
    Rule(
        "value-not-share",
        "warning",
        "figures",
        "The value is not numerator / denominator, also when rounded to its last digit.",
        "Correct one of the three. A value that is adjusted on purpose stays as it is.",
        and_(_BOTTOM.is_not(None), _NOT_ROUNDED),
        _words(_VALUE, " for ", _TOP, " of ", _BOTTOM),
    ),
    Rule(
        "sentinel",
        "warning",
        "figures",
        "The value may be a sign for a figure that is missing or withheld.",
        "If it is one, correct the file: no figure is no row.",
        _VALUE.in_(SENTINELS),
        _words(_VALUE),
    ),
    Rule(
        "low-participation",
        "warning",
        "figures",
        f"Fewer than {PARTICIPATION_PERCENT} percent took part.",
        "Check the rate; the framework may lower the result or withhold it.",
        _PARTICIPATION < PARTICIPATION_PERCENT,
        _words(_PARTICIPATION, " percent"),
    ),
    Rule(
        "n-not-given",
        "warning",
        "figures",
        "The framework has a least number of students, and the measure does not say of how many it is.",
        "Give `n`; without it the figure counts, however few they are.",
        and_(_MINIMUM > 0, _N.is_(None)),
        _words("at least ", _MINIMUM),
    ),
    Rule(
        "group-above-school",
        "warning",
        "beside-all",
        "A student group has more students than the school.",
        "Correct `n` of the group, or that of ALL.",
        _N > _ALL_N,
        _words(_N, " of ", _ALL_N),
    ),
    Rule(
        "groups-do-not-add-up",
        "warning",
        "dimensions",
        "The groups of one kind (written `kind:group`) do not add up to the school.",
        "Add the group that is missing, or correct `n`; a group that is withheld leaves a gap that is no error.",
        _SUM != _ALL_N,
        _words(_SUM, " of ", _ALL_N),
    ),
    Rule(
        "jump",
        "warning",
        "last-year",
        f"The figure moved by more than {JUMP:.0%} of the indicator's range within a year.",
        "Check that both years are measured alike and that the school is the same.",
        func.abs(_VALUE - _LAST) > JUMP * (_MOST - _LEAST),
        _words(_LAST, " before, now ", _VALUE),
    ),
    Rule(
        "school-unknown",
        "warning",
        "schools",
        "The registry knows nothing of the school in the data year.",
        "Add the school's facts of that year to the registry, or check identifier and data year.",
        ~_FACTS,
        _words("no facts"),
    ),
    Rule(
        "needed-missing",
        "warning",
        "lacking",
        "The framework needs this of the school, and there is no such measure.",
        "Load it; else the school will not be rated, or rated without what depends on it.",
        _NEEDED.is_not(None),
        _words(_NEEDED),
    ),
    Rule(
        "indicator-unmeasured",
        "warning",
        "unmeasured",
        "The framework reads this, and nobody has such a measure in the year.",
        "Load it, or check the indicator's code and the year.",
        _NEEDED.is_not(None),
        _words(_NEEDED),
    ),
    Rule(
        "too-few-students",
        "info",
        "figures",
        "Fewer students than the framework's least number: the figure counts as missing.",
        "Nothing, if it is so: this protects the students.",
        _N < _MINIMUM,
        _words("fewer than ", _MINIMUM),
    ),
)
