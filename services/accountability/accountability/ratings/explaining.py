"""Why a school has its rating: a read of what the run wrote, never a second computation."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.composing import MeasureNode
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import PointsNode
from accountability.frameworks.tables import RegisteredFramework
from accountability.measures.tables import Indicator, Measure
from accountability.privacy.showing import Suppression, steps_without
from accountability.ratings.schemas import Explanation, NodeOutcome, RatingView, Steps
from accountability.ratings.tables import RatingRevision
from accountability.runs.tables import Outcome, Run


async def explain(session: AsyncSession, rating: RatingView) -> Explanation:
    """Every step of the run that gave this revision, in the order of computation, as the public may see it."""
    steps, hidden = await _steps(session, rating)
    if rating.order is not None and not rating.order.scores_public:
        steps = steps.model_copy(update={"attributes": {}, "outcomes": []})
    return Explanation(rating=rating, **dict(steps_without(steps, hidden) if hidden else steps))


async def explain_wholly(session: AsyncSession, rating: RatingView) -> Explanation:
    """The same with every figure."""
    steps, _ = await _steps(session, rating)
    return Explanation(rating=rating, **dict(steps))


async def _steps(session: AsyncSession, rating: RatingView) -> tuple[Steps, Suppression | None]:
    """The steps of the run that gave this revision, and what of them is hidden."""
    of_revision = (RatingRevision.rating_id == rating.id) & (RatingRevision.revision == rating.revision)
    joined = select(Run, RatingRevision.suppression).join(RatingRevision, RatingRevision.run == Run.number)
    run, hidden = (await session.execute(joined.where(of_revision))).one()
    return await steps_of(session, run, rating.school_id, rating.student_group), hidden


async def steps_of(session: AsyncSession, run: Run, school_id: UUID, student_group: str) -> Steps:
    """What a run gave for a school, or a group or level of it, published or not."""
    registered = await session.get_one(RegisteredFramework, (run.framework_id, run.framework_version))
    framework = Framework.model_validate(registered.document)
    of_subject = (Outcome.school_id == school_id) & (Outcome.student_group == student_group)
    outcomes = select(Outcome).where(Outcome.run == run.number, of_subject)
    rows = {row.node: row for row in await session.scalars(outcomes)}
    return Steps(
        run_id=run.id,
        framework_sha256=run.framework_sha256,
        engine_version=run.engine_version,
        input_version=run.input_version,
        attributes=await _attributes(session, run, school_id, student_group, framework),
        outcomes=[_outcome(rows[name], framework) for name in framework.order() if name in rows],
    )


async def _attributes(
    session: AsyncSession, run: Run, school_id: UUID, student_group: str, framework: Framework
) -> dict[str, float | str]:
    """The school's attributes, as the run knew them."""
    version = run.input_version
    known = select(Indicator.code, Measure.value, Measure.category).join(Measure, Measure.indicator == Indicator.number)
    rows = await session.execute(
        known.where(
            Measure.school_id == school_id,
            Measure.school_year == run.school_year,
            Measure.student_group == student_group,
            Measure.import_number <= version,
            or_(Measure.superseded_in.is_(None), Measure.superseded_in > version),
            Indicator.code.in_(list(framework.attributes)),
        ).order_by(Indicator.code)
    )
    return {code: value if value is not None else category or "" for code, value, category in rows}


def _outcome(row: Outcome, framework: Framework) -> NodeOutcome:
    node, title, inputs = framework.nodes[row.node], None, framework.nodes[row.node].inputs()
    if isinstance(node, PointsNode | MeasureNode):
        title, inputs = framework.indicators[node.indicator].title, [node.indicator]
    return NodeOutcome(
        node=row.node,
        kind=node.kind,
        title=title,
        inputs=inputs,
        value=row.value,
        label=row.label,
        points=row.points,
        weight_declared=row.weight_declared,
        weight_effective=row.weight_effective,
        reason=row.reason,
        rule=row.rule,
        source=node.source,
    )
