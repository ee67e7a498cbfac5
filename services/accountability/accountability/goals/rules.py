"""Whether a yardstick makes sense by itself."""

from collections import Counter
from collections.abc import Iterator

from kit.errors import FieldError

from accountability.goals.schemas import Yardstick

HIGHEST_PERCENTILE = 100


def faults(yardstick: Yardstick) -> list[FieldError]:
    """What is wrong with a yardstick."""
    return [*_figure(yardstick), *_baseline(yardstick), *_targets(yardstick)]


def _figure(yardstick: Yardstick) -> Iterator[FieldError]:
    if yardstick.of == "indicator" and yardstick.indicator is None:
        yield FieldError("yardstick.indicator", "missing", "name the indicator, or measure by `score` or `rating`")
    if yardstick.of != "indicator" and yardstick.indicator is not None:
        message = f"leave it out: it is measured by the framework's {yardstick.of}"
        yield FieldError("yardstick.indicator", "not-used", message, value=yardstick.indicator)
    if yardstick.of == "rating" and yardstick.comparison != "absolute":
        message = "a band is reached or not: use `absolute`, or measure by `score`"
        yield FieldError("yardstick.comparison", "bands-are-absolute", message, value=yardstick.comparison)
    if yardstick.of == "rating" and yardstick.direction != "at-least":
        message = "a band is reached from below: use `at-least`"
        yield FieldError("yardstick.direction", "bands-are-at-least", message, value=yardstick.direction)


def _baseline(yardstick: Yardstick) -> Iterator[FieldError]:
    baseline = yardstick.baseline
    if baseline is None and yardstick.comparison == "growth":
        yield FieldError("yardstick.baseline", "missing", "say over which figure the growth is")
    if baseline is None and yardstick.approaching_from is not None:
        yield FieldError(
            "yardstick.baseline", "missing", "say where the way to the target begins, or leave out the share"
        )
    if yardstick.of == "rating" and yardstick.approaching_from is not None:
        message = "between bands there is no share of the way: leave it out"
        yield FieldError("yardstick.approachingFrom", "bands-have-no-share", message)
    first = min(target.year for target in yardstick.targets)
    if baseline is not None and baseline.year >= first:
        message = f"it must lie before the first target, {first}"
        yield FieldError("yardstick.baseline.year", "after-target", message, value=str(baseline.year))


def _targets(yardstick: Yardstick) -> Iterator[FieldError]:
    wanted, other = ("label", "value") if yardstick.of == "rating" else ("value", "label")
    years = Counter(target.year for target in yardstick.targets)
    for place, target in enumerate(yardstick.targets):
        field = f"yardstick.targets.{place}"
        if getattr(target, wanted) is None:
            yield FieldError(f"{field}.{wanted}", "missing", f"a target of a {yardstick.of} is a {wanted}")
        if getattr(target, other) is not None:
            yield FieldError(f"{field}.{other}", "not-used", f"a target of a {yardstick.of} is a {wanted}")
        if years[target.year] > 1:
            yield FieldError(f"{field}.year", "repeated", "one target for each year", value=str(target.year))
        if _no_percentile(yardstick, target.value):
            yield FieldError(
                f"{field}.value", "not-a-percentile", "percentiles are from 0 to 100", value=str(target.value)
            )


def _no_percentile(yardstick: Yardstick, value: float | None) -> bool:
    is_percentile = yardstick.comparison in ("percentile-in-district", "percentile-in-state")
    return is_percentile and value is not None and not 0 <= value <= HIGHEST_PERCENTILE
