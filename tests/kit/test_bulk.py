"""Files in: spooled within limits, and read by their header with all errors at once."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.bulk import read_csv
from kit.errors import Invalid

from tests.conftest import Service

COLUMNS = {"name": True, "city": False}


def read(tmp_path: Path, content: bytes | str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file with this content."""
    file = tmp_path / "file.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_csv(file, COLUMNS))


def errors(tmp_path: Path, content: bytes | str) -> list[tuple[int | None, str, str]]:
    """What is wrong with a file: row, field and rule."""
    with pytest.raises(Invalid) as raised:
        read(tmp_path, content)
    return [(error.row, error.field, error.rule) for error in raised.value.errors]


def test_rows_come_with_their_numbers_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    assert read(tmp_path, "name,city\nIda,Chicago\n\nAda,\n") == [
        (2, {"name": "Ida", "city": "Chicago"}),
        (4, {"name": "Ada", "city": ""}),
    ]


def test_a_byte_order_mark_and_spaces_around_names_do_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffname , city\r\nIda,Chicago\r\n") == [(2, {"name": "Ida", "city": "Chicago"})]


def test_a_column_that_is_not_required_may_be_absent(tmp_path: Path) -> None:
    assert read(tmp_path, "name\nIda\n") == [(2, {"name": "Ida"})]


def test_everything_wrong_with_a_header_is_named_at_once(tmp_path: Path) -> None:
    assert errors(tmp_path, "town,city,city\n") == [
        (1, "town", "unknown-column"),
        (1, "name", "missing-column"),
        (1, "city", "repeated-column"),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", (1, "name", "missing-column")),
        ("name\nIda\nAda,Chicago\n", (3, "row", "columns")),
        ("name,city\nIda\n", (2, "row", "columns")),
        ('name\n"Ida\n', (2, "row", "csv")),
        ('name\nAda\n"I"da\n', (3, "row", "csv")),
        ("name\n" + "x" * 10_001, (2, "row", "csv")),
        ("name\nI\x00da\n", (2, "row", "nul")),
    ],
    ids=["empty", "too many fields", "too few fields", "open quote", "broken quote", "endless field", "nul"],
)
def test_a_row_that_is_wrong_is_named(tmp_path: Path, content: str, expected: tuple[int, str, str]) -> None:
    assert errors(tmp_path, content) == [expected]


@pytest.mark.parametrize("content", ["name\nÄda".encode("latin-1"), "name\nIda".encode("utf-16")])
def test_a_file_in_another_encoding_is_told_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid, match="UTF-8"):
        read(tmp_path, content)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)))
def test_whatever_is_written_is_read(tmp_path: Path, names: list[str]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["name", "city"], *([name, "x"] for name in names)])
    assert [row["name"] for _, row in read(tmp_path, written.getvalue())] == names


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    try:
        read(tmp_path, b"name,city\n" + content)
    except Invalid:
        return


async def test_a_file_of_two_megabytes_is_taken_where_files_are_expected(ledger: Service) -> None:
    answer = await ledger.client("ledger:write").post(
        "/v1/accounts/files", content=b"x" * 2_000_000, headers={"content-type": "text/csv; charset=utf-8"}
    )
    assert (answer.status_code, answer.json()) == (202, {"bytes": 2_000_000})


async def test_a_stream_that_does_not_say_its_length_is_cut_at_the_limit(ledger: Service) -> None:
    async def endless() -> object:
        for _ in range(30):
            yield b"x" * 100_000

    answer = await ledger.client("ledger:write").post(
        "/v1/accounts/files", content=endless(), headers={"content-type": "text/csv"}
    )
    assert (answer.status_code, answer.json()["limitBytes"]) == (413, 2_000_000)


async def test_an_empty_upload_is_refused(ledger: Service) -> None:
    answer = await ledger.client("ledger:write").post("/v1/accounts/files", headers={"content-type": "text/csv"})
    assert answer.status_code == 400
