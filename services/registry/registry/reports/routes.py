"""HTTP for the standard reports: a page as JSON, or all lines as CSV by `Accept`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.db import Snapshot
from kit.paging import Page, Paging
from kit.periods import Day

from registry.instruments.dates import months_after
from registry.reports.expirations import ExpirationLine, expirations
from registry.reports.forms import FORMS, Report
from registry.reports.portfolio import Dimension, Portfolio, PortfolioCount, PortfolioLine
from registry.reports.quality import BY_ID, FindingLine, Quality, ScoreLine
from registry.reports.vote_register import RegisterLine, vote_register
from registry.standpoint import Looking

router = APIRouter(prefix="/v1/reports", tags=["reports"])
Reader = Annotated[Caller, require("registry:read")]
By = Annotated[list[Dimension], Query(max_length=5, description="What makes a group; named again for each dimension.")]
RuleId = Annotated[str, Query(pattern=f"^({'|'.join(BY_ID)})$", description="Findings of this rule only.")]


@router.get("/portfolio", response_model=Page[PortfolioLine], responses=FORMS)
async def report_portfolio(
    session: Snapshot, caller: Reader, asked: Paging, response: Response, looking: Looking
) -> Page[PortfolioLine] | Response:
    """Schools in operation on a date: how each is run, under which agreements, by whom. `limit` counts schools."""
    portfolio = Portfolio(caller, await looking.of(session, caller))
    return await Report("portfolio", PortfolioLine, portfolio.lines).answer(session, asked, response)


@router.get("/portfolio/counts", response_model=Page[PortfolioCount], responses=FORMS)
async def count_portfolio(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    by: By = ["kind", "pathway", "operator"],  # noqa: B006 - FastAPI copies it
) -> Page[PortfolioCount] | Response:
    """The portfolio counted, by kind of agreement, pathway and operator unless told otherwise."""
    portfolio = Portfolio(caller, await looking.of(session, caller))
    counts = partial(portfolio.counts, by=by)
    return await Report("portfolio-counts", PortfolioCount, counts).answer(session, asked, response)


@router.get("/expirations", response_model=Page[ExpirationLine], responses=FORMS)
async def report_expirations(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    months: Annotated[int, Query(ge=0, le=240, description="How far to look ahead.")] = 18,
) -> Page[ExpirationLine] | Response:
    """Agreements whose term ends in the next months, or has ended undecided, with their notice dates."""
    at = await looking.of(session, caller)
    lines = partial(expirations, caller=caller, at=at, until=months_after(at.day, months))
    return await Report("expirations", ExpirationLine, lines).answer(session, asked, response)


@router.get("/votes", response_model=Page[RegisterLine], responses=FORMS)
async def report_votes(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    since: Annotated[Day | None, Query(description="Decided on this date or later.")] = None,
) -> Page[RegisterLine] | Response:
    """What bodies decided by the date, counted against its threshold; advisory votes are marked as such."""
    lines = partial(vote_register, caller=caller, at=await looking.of(session, caller), since=since)
    return await Report("votes", RegisterLine, lines).answer(session, asked, response)


@router.get("/data-quality", response_model=Page[FindingLine], responses=FORMS)
async def report_data_quality(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    rule: RuleId | None = None,
) -> Page[FindingLine] | Response:
    """What is wrong or missing on a date: rule, severity, who mends it until when, and how."""
    quality = Quality(caller, await looking.of(session, caller))
    lines = partial(quality.findings, rules=[rule]) if rule else quality.findings
    return await Report("data-quality", FindingLine, lines).answer(session, asked, response)


@router.get("/data-quality/scorecard", response_model=Page[ScoreLine], responses=FORMS)
async def report_scorecard(
    session: Snapshot, caller: Reader, asked: Paging, response: Response, looking: Looking
) -> Page[ScoreLine] | Response:
    """How often each data-quality rule is broken on a date."""
    quality = Quality(caller, await looking.of(session, caller))
    return await Report("scorecard", ScoreLine, quality.scorecard).answer(session, asked, response)
