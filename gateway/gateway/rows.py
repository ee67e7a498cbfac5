"""The base of the gateway's tables."""

from kit.db import NAMING
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Row(DeclarativeBase):
    """A row of the gateway."""

    metadata = MetaData(naming_convention=NAMING)
