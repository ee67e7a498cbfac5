"""Published ratings as they are read: one query for pages, pulls and files."""

from typing import Any

from kit.tables import journal
from pydantic.alias_generators import to_camel
from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from accountability.directory import Organization, School
from accountability.frameworks.tables import RegisteredFramework
from accountability.orders.tables import RatingOrder
from accountability.privacy import showing
from accountability.ratings.schemas import RatingView
from accountability.ratings.tables import Rating, RatingRevision

Query = Select[*tuple[Any, ...]]


def published(*, newest_only: bool = True) -> Query:
    """Ratings with their newest revision (or all revisions) and the change version of its publication."""
    revision = RatingRevision.rating_id == Rating.id
    if newest_only:
        revision = revision & (RatingRevision.revision == Rating.revision)
    superseded = RatingRevision.revision < Rating.revision
    by_version = (RegisteredFramework.id == Rating.framework_id) & (
        RegisteredFramework.version == RatingRevision.framework_version
    )
    subject = func.concat("concordat.accountability.rating.", Rating.id)
    query: Query = (
        select(
            Rating.id,
            Rating.school_id,
            Rating.student_group,
            func.coalesce(School.name, Organization.name, "").label("school_name"),
            Rating.framework_id.label("framework"),
            RatingRevision.framework_version,
            RatingRevision.rating_title,
            Rating.school_year,
            RatingRevision.data_year,
            RatingRevision.revision,
            RatingRevision.status,
            showing.rating().label("rating"),
            func.coalesce(RegisteredFramework.display_labels[showing.rating()].astext, showing.rating()).label(
                "display_label"
            ),
            showing.score().label("score"),
            RatingRevision.reason,
            showing.labels().label("labels"),
            RatingRevision.rating_date,
            RatingRevision.published_at,
            RatingRevision.revision_reason,
            RatingRevision.state,
            superseded.label("superseded"),
            (~superseded & (RatingRevision.state == "under-appeal")).label("under_appeal"),
            RatingRevision.reason_code,
            case((RatingOrder.id.is_not(None), _order())).label("order"),
            RatingRevision.legal_source,
            showing.suppressed().label("suppressed"),
            showing.rule().label("suppression_rule"),
            journal.c.change_version,
        )
        .join(RatingRevision, revision)
        .join(RegisteredFramework, by_version)
        .outerjoin(School, School.id == Rating.school_id)
        .outerjoin(Organization, Organization.id == Rating.school_id)
        .outerjoin(RatingOrder, RatingOrder.id == RatingRevision.order_id)
        .outerjoin(journal, (journal.c.subject == subject) & (journal.c.version == RatingRevision.revision))
    )
    return query


def _order() -> ColumnElement[Any]:
    names = ("number", "issuer", "issued_on", "citation", "school_years", "scores_public")
    pairs: list[Any] = []
    for name in names:
        pairs += [literal_column(f"'{to_camel(name)}'"), getattr(RatingOrder, name)]
    return func.jsonb_build_object(*pairs)


def shape(row: Any) -> RatingView:
    """A row of `published`, as shown."""
    return RatingView.model_validate(row, from_attributes=True)
