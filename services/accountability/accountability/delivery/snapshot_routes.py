"""HTTP for snapshots of ratings, their files, manifests, and the keys that sign these."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from kit.spreadsheets import CSV
from kit.streaming import JSON, NDJSON, accepted_form
from sqlalchemy import select

from accountability.delivery import snapshots
from accountability.delivery.forms import PARQUET
from accountability.delivery.late import changed_since, late_changes
from accountability.delivery.schemas import LateChange, Manifest, NewRatingSnapshot, SignedManifest
from accountability.delivery.sending import snapshot_file
from accountability.delivery.signing import payload_of
from accountability.delivery.tables import RatingSnapshot
from accountability.ratings.tables import Rating

router = APIRouter(prefix="/v1", tags=["delivery"])
Reader = Annotated[Caller, require("ratings:read")]
Publisher = Annotated[Caller, require("ratings:publish")]
SnapshotName = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", examples=["2026 accountability, official"])]
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {"schema": {"type": "string"}} for media_type in (NDJSON, CSV, PARQUET)}}
}


@router.post("/rating-snapshots", status_code=201, response_model=Manifest, responses=problems(400, 409, 503))
async def take_rating_snapshot(
    body: NewRatingSnapshot, request: Request, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Keep what is published now, as files that never change, with what is hidden in them as of now."""

    async def work() -> Manifest:
        return await snapshots.take_snapshot(session, caller, request.app.state.manifest_key, body, now)

    return await once(session, caller, work)


@router.get("/rating-snapshots", responses=problems(400))
async def list_rating_snapshots(session: Snapshot, caller: Reader, asked: Paging, response: Response) -> Page[Manifest]:
    """All snapshots, the oldest first."""
    return await page(session, select(RatingSnapshot), [RatingSnapshot.id], asked, response, _manifest)


@router.get("/rating-snapshots/{name}/manifest", responses=problems(404))
async def show_rating_snapshot_manifest(name: SnapshotName, session: Snapshot, caller: Reader) -> SignedManifest:
    """What a snapshot consists of, signed when it was taken."""
    snapshot = await snapshots.find_snapshot(session, name)
    return SignedManifest(manifest=_manifest(snapshot), jws=snapshot.manifest)


@router.get("/rating-snapshots/{name}/ratings", response_class=Response, responses=problems(404) | FILES)
async def fetch_rating_snapshot(name: SnapshotName, session: Snapshot, caller: Reader, request: Request) -> Response:
    """The ratings of a snapshot, as NDJSON, CSV or Parquet by `Accept`: the same bytes each time."""
    snapshot = await snapshots.find_snapshot(session, name)
    form = accepted_form(request, PARQUET)
    wanted = NDJSON if form == JSON else form
    file = next(file for file in _manifest(snapshot).files if file.media_type == wanted)
    return snapshot_file(request.app.state.database, snapshot, file)


@router.get("/rating-snapshots/{name}/changes", responses=problems(400, 404))
async def list_changes_since_rating_snapshot(
    name: SnapshotName, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[LateChange]:
    """What was published, revised or withdrawn since: each rating as the snapshot has it, and as it is."""
    snapshot = await snapshots.find_snapshot(session, name)
    found: Page[tuple[UUID, int | None]] = await page(
        session, changed_since(snapshot), [Rating.id], asked, response, lambda row: (row[0], row[1])
    )
    return Page(items=await late_changes(session, found.items), next_cursor=found.next_cursor)


@router.get("/manifest-keys", responses=problems(503))
async def show_manifest_keys(request: Request, caller: Reader) -> dict[str, Any]:
    """The keys that sign manifests, as a JSON Web Key Set: Ed25519, by RFC 9864."""
    return dict(request.app.state.manifest_key.published())


def _manifest(snapshot: RatingSnapshot) -> Manifest:
    return Manifest.model_validate(payload_of(snapshot.manifest))
