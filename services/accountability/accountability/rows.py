"""The base of accountability's tables."""

from kit.db import NAMING
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Row(DeclarativeBase):
    """A row of accountability."""

    metadata = MetaData(naming_convention=NAMING)
