"""The NCES Common Core of Data directory: its columns, codes and sentinels, in old and new layouts.

Source: NCES CCD file documentation, school and LEA directory (component 029).
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from contracts.vocabulary import Alias
from kit.errors import FieldError, Invalid

from registry.organizations.schemas import NewOrganization
from registry.schools.schemas import GRADES

MISSING = {"", "-1", "-2", "-3", "-9", "M", "N", "MISSING", "NOT APPLICABLE"}
"""What the files write where there is no value."""

SCHOOL_TYPE = {
    "1": "regular",
    "2": "special-education",
    "3": "career-and-technical",
    "4": "alternative",
    "5": "reportable-program",
}
STATUS = {
    "1": "active",
    "2": "closed",
    "3": "new",
    "4": "added",
    "5": "changed",
    "6": "inactive",
    "7": "future",
    "8": "reopened",
}
CHARTER = {"yes": True, "1": True, "no": False, "2": False, "not applicable": False}

SCHOOL_FIELDS = {
    "ncessch": ("NCESSCH",),
    "leaid": ("LEAID",),
    "name": ("SCH_NAME", "SCHNAM"),
    "state_id": ("ST_SCHID", "SEASCH"),
    "street": ("LSTREET1", "LSTREE"),
    "city": ("LCITY",),
    "state": ("LSTATE",),
    "zip": ("LZIP",),
    "type": ("SCH_TYPE", "TYPE"),
    "status": ("UPDATED_STATUS", "SY_STATUS", "STATUS"),
    "low": ("GSLO",),
    "high": ("GSHI",),
    "charter": ("CHARTER_TEXT", "CHARTR"),
    "latitude": ("LAT", "LATCOD", "LATITUDE"),
    "longitude": ("LON", "LONCOD", "LONGITUDE"),
}
LEA_FIELDS = {"leaid": ("LEAID",), "name": ("LEA_NAME", "NAME"), "state_id": ("ST_LEAID", "STID")}
REQUIRED = {"ncessch", "leaid", "name"}


def read(path: Path, fields: dict[str, tuple[str, ...]]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CCD file as (line, value by our field name), sentinels as empty text.

    Columns are found by header, in either layout; columns of no use here may be damaged or absent.
    Raises Invalid if a needed column is missing.
    """
    with path.open(encoding=_encoding(path), newline="") as file:
        yield from _values(csv.reader(file, strict=True), fields)


def _encoding(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(1_000_000):
                pass
    except UnicodeDecodeError:
        return "latin-1"  # as NCES publishes it
    return "utf-8-sig"


def _values(rows: Iterator[list[str]], fields: dict[str, tuple[str, ...]]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        header = [name.strip().upper() for name in next(rows, [])]
        places = {
            field: next((header.index(name) for name in names if name in header), None)
            for field, names in fields.items()
        }
        errors = [
            FieldError(" or ".join(fields[field]), "missing-column", "add this column", row=1)
            for field, place in places.items()
            if place is None and field in REQUIRED
        ]
        if errors:
            raise Invalid("This is not a CCD directory file; see `errors`.", errors=errors)
        for number, row in enumerate(rows, start=2):
            if not row:
                continue
            values = {
                field: row[place].strip() if place is not None and place < len(row) else ""
                for field, place in places.items()
            }
            yield (
                number,
                {
                    field: "" if value.upper() in MISSING or "\x00" in value else value
                    for field, value in values.items()
                },
            )
    except csv.Error as error:
        raise Invalid(f"Not readable as CSV: {error}.", errors=[FieldError("row", "csv", str(error))]) from error


def school_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The schools of a CCD file as rows of a portfolio file."""
    return ((number, school_row(row)) for number, row in read(path, SCHOOL_FIELDS))


def school_row(ccd: dict[str, str]) -> dict[str, str]:
    """A CCD school as a row of a portfolio file. What the directory does not know is left out, so that it stays."""
    chartered = CHARTER.get(ccd["charter"].lower(), False)
    state_id = ccd["state_id"]
    row = {
        "aliasSystem": "nces",
        "aliasValue": ccd["ncessch"],
        "name": ccd["name"],
        "schoolType": SCHOOL_TYPE.get(ccd["type"], "regular"),
        "operationalStatus": STATUS.get(ccd["status"], "active"),
        "chartered": "yes" if chartered else "no",
        "gradeLow": _grade(ccd["low"]),
        "gradeHigh": _grade(ccd["high"]),
        "street": ccd["street"],
        "city": ccd["city"],
        "state": ccd["state"].upper(),
        "postalCode": ccd["zip"],
        "latitude": ccd["latitude"],
        "longitude": ccd["longitude"],
        "accountableLea": f"nces|{ccd['leaid']}" if ccd["leaid"] else "",
        "otherAliasSystem": f"state:{ccd['state'].upper()}" if state_id and ccd["state"] else "",
        "otherAliasValue": state_id if ccd["state"] else "",
    }
    return {column: value for column, value in row.items() if value}


def _grade(code: str) -> str:
    code = code.upper().zfill(2) if code.isdigit() else code.upper()
    return code if code in GRADES else ""


def lea(ccd: dict[str, str], valid_from: object) -> NewOrganization:
    """A CCD agency as an organization. Raises pydantic's ValidationError."""
    aliases = [Alias(system="nces", value=ccd["leaid"], valid_from=valid_from)]
    if ccd["state_id"]:
        aliases.append(Alias(system="state-lea", value=ccd["state_id"], valid_from=valid_from))
    return NewOrganization(name=ccd["name"], types=["district"], aliases=aliases)
