"""What is wrong with measures: every rule over whole columns, every error with its row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
from kit.errors import FieldError

MAX_SHOWN = 1000
KEPT = (
    "school_id",
    "indicator",
    "student_group",
    "value",
    "category",
    "n",
    "participation",
    "numerator",
    "denominator",
)
"""The columns of a checked row, named as the table's."""

FIGURES = {"value", "n", "participation", "numerator", "denominator"}
SENTINEL = r"(?i)^(-[1239]|-9+|\*+|-+|[<>≤≥].*|n\s*[<=].*|n/?a|[mnds]|ps|suppressed|withheld)$"
"""How published files write that a figure is missing or withheld (NCES: -1, -2, -9, M, N)."""

WITHHELD = "a sign for a figure that is missing or withheld is no figure; leave the field empty, or the row out"


@dataclass(frozen=True)
class Limits:
    """Which values an indicator may have."""

    number: int
    kind: str
    minimum: float | None
    maximum: float | None
    categories: Sequence[str]


class Reference:
    """What a file may name: schools and organizations by their identifier, indicators with their limits, categories.

    `schools` may be measured, `others` named as what one of them belongs to or is paired with.
    """

    def __init__(self, schools: Mapping[str, str], indicators: Mapping[str, Limits], others: Mapping[str, str]) -> None:
        named = _named(schools)
        # Two identifiers may name one school: its rows are told apart by the school, not by what it is called.
        self.schools = named.with_columns(place=pl.col("school_id").rank("dense").cast(pl.UInt32))
        self.others = _named(others).select(category="school", other_id="school_id")
        self.indicators = pl.DataFrame(
            [
                (code, of.number, of.kind != "number", of.kind == "subject", of.minimum, of.maximum)
                for code, of in indicators.items()
            ],
            schema={
                "indicator": pl.String,
                "number": pl.Int16,
                "categorical": pl.Boolean,
                "referring": pl.Boolean,
                "minimum": pl.Float64,
                "maximum": pl.Float64,
            },
            orient="row",
        )
        self.categories = pl.DataFrame(
            [(code, category, True) for code, limits in indicators.items() for category in limits.categories],
            schema={"indicator": pl.String, "category": pl.String, "allowed": pl.Boolean},
            orient="row",
        )


def _named(identities: Mapping[str, str]) -> pl.DataFrame:
    named = {"school": list(identities), "school_id": list(identities.values())}
    return pl.DataFrame(named, schema={"school": pl.String, "school_id": pl.String})


@dataclass
class Errors:
    """The first errors of a file, and how many there are."""

    shown: list[FieldError] = field(default_factory=list)
    count: int = 0

    def add(self, column: str, rule: str, message: str, rows: pl.DataFrame) -> None:
        """Note `rows` (row, and the column's text) as wrong."""
        self.count += len(rows)
        self.shown += [
            FieldError(column, rule, message, row, shown[:100] if shown else None)
            for row, shown in rows.head(MAX_SHOWN).select("row", column).iter_rows()
        ]
        self.shown = sorted(self.shown, key=lambda error: error.row or 0)[:MAX_SHOWN]


def check(batch: pl.DataFrame, reference: Reference, errors: Errors) -> pl.DataFrame:
    """The rows of a batch as KEPT, with their `row` and the `place` of their school; what is wrong goes to `errors`."""
    parsed = (
        batch.join(reference.schools, on="school", how="left", maintain_order="left")
        .join(reference.indicators, on="indicator", how="left", maintain_order="left")
        .join(reference.categories, on=["indicator", "category"], how="left", maintain_order="left")
        .join(reference.others, on="category", how="left", maintain_order="left")
        .with_columns(
            number_value=pl.col("value").cast(pl.Float64, strict=False),
            count=pl.col("n").cast(pl.Int32, strict=False),
            rate=pl.col("participation").cast(pl.Float64, strict=False),
            top=pl.col("numerator").cast(pl.Float64, strict=False),
            bottom=pl.col("denominator").cast(pl.Float64, strict=False),
        )
    )
    for column, rule, message, broken in RULES:
        wrong = parsed.filter(broken.fill_null(False))
        withheld = pl.col(column).str.contains(SENTINEL).fill_null(False) if column in FIGURES else pl.lit(False)
        errors.add(column, "sentinel", WITHHELD, wrong.filter(withheld))
        errors.add(column, rule, message, wrong.filter(~withheld))
    return parsed.select(
        "row",
        "place",
        "school_id",
        pl.col("number").alias("indicator"),
        pl.col("studentGroup").alias("student_group"),
        pl.col("number_value").alias("value"),
        pl.when("referring").then("other_id").otherwise("category").alias("category"),
        pl.col("count").alias("n"),
        pl.col("rate").alias("participation"),
        pl.col("top").alias("numerator"),
        pl.col("bottom").alias("denominator"),
    )


def repeated(keys: Sequence[pl.DataFrame], errors: Errors) -> None:
    """Note rows whose school, indicator and group stand above. `keys`: what `key` gave for each batch."""
    # One number tells a row's key, in a third of the memory that three columns take.
    place, indicator = pl.col("place").cast(pl.Int128), pl.col("indicator").cast(pl.Int128)
    number = place * 2**48 + indicator * 2**32 + pl.col("student_group").to_physical()
    again = pl.concat(keys).filter(number.is_not_null()).filter(~number.is_first_distinct())
    message = "school, indicator and group already stand above"
    errors.add("school", "repeated", message, again.select("row", school=pl.lit(None, pl.String)))


def key(kept: pl.DataFrame) -> pl.DataFrame:
    """What tells rows apart, in 14 bytes a row: a file of millions is held whole in nothing else."""
    # Codes of one dictionary for all batches, which lives as long as one of them does.
    group = pl.col("student_group").cast(pl.Categorical)
    return kept.select(pl.col("row").cast(pl.UInt32), "place", "indicator", group)


def _rules() -> list[tuple[str, str, str, pl.Expr]]:
    value, count, rate = pl.col("number_value"), pl.col("count"), pl.col("rate")
    numeric, categorical = ~pl.col("categorical"), pl.col("categorical")
    outside = (value < pl.col("minimum")) | (value > pl.col("maximum"))
    group, top, bottom = pl.col("studentGroup"), pl.col("top"), pl.col("bottom")
    one_alone = pl.col("numerator").is_null() != pl.col("denominator").is_null()
    return [
        (
            "school",
            "unknown-school",
            "no school whose figures you load has this identifier",
            pl.col("school_id").is_null(),
        ),
        ("indicator", "unknown-indicator", "no framework defines this indicator", pl.col("number").is_null()),
        (
            "studentGroup",
            "not-a-name",
            "1 to 80 characters, no control characters",
            (group.str.len_chars() > 80) | group.str.contains(r"[\x00-\x1f\x7f]"),
        ),
        ("value", "not-a-number", "write a number, with a point", pl.col("value").is_not_null() & value.is_null()),
        ("value", "not-finite", "NaN and infinity are no values; leave it out", ~value.is_finite()),
        ("value", "missing", "this indicator needs a number", numeric & pl.col("value").is_null()),
        ("value", "out-of-range", "outside the indicator's range", numeric & outside),
        ("value", "not-a-category", "this indicator takes a category", categorical & pl.col("value").is_not_null()),
        (
            "category",
            "unknown-category",
            "not one of the indicator's categories",
            categorical & ~pl.col("referring") & pl.col("allowed").is_null(),
        ),
        (
            "category",
            "unknown-school",
            "nothing that is rated has this identifier",
            pl.col("referring") & pl.col("other_id").is_null(),
        ),
        ("category", "not-a-number", "this indicator takes a value", numeric & pl.col("category").is_not_null()),
        ("n", "not-a-count", "a whole number from 0", pl.col("n").is_not_null() & (count.is_null() | (count < 0))),
        (
            "participation",
            "out-of-range",
            "a rate from 0 to 100",
            pl.col("participation").is_not_null() & (rate.is_null() | ~rate.is_between(0, 100)),
        ),
        (
            "numerator",
            "not-a-number",
            "write a number, with a point",
            pl.col("numerator").is_not_null() & (top.is_null() | ~top.is_finite()),
        ),
        (
            "denominator",
            "not-positive",
            "write a number above 0: what the value is a share of",
            pl.col("denominator").is_not_null() & (bottom.is_null() | ~bottom.is_finite() | (bottom <= 0)),
        ),
        ("denominator", "incomplete", "give numerator and denominator, or neither", one_alone),
    ]


RULES = _rules()
