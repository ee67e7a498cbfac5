"""The base of shared services' tables."""

from kit.db import NAMING
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Row(DeclarativeBase):
    """A row of shared services."""

    metadata = MetaData(naming_convention=NAMING)
