"""The base of the registry's tables."""

from kit.db import NAMING
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Row(DeclarativeBase):
    """A row of the registry."""

    metadata = MetaData(naming_convention=NAMING)
