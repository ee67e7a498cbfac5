"""What accountability is told from outside besides what every service is."""

from importlib.util import find_spec
from pathlib import Path

from kit.settings import ServiceSettings
from pydantic import Field, field_validator


class AccountabilitySettings(ServiceSettings):
    """Settings of accountability."""

    manifest_key: Path | None = Field(
        default=None,
        description="A file with the Ed25519 key (JWK) that signs manifests; made if it is absent.",
    )
    spark_master: str | None = Field(
        default=None,
        description="The cluster that rates, instead of this process; needs the extra `spark` and a Java runtime.",
        examples=["spark://master:7077"],
    )

    @field_validator("spark_master")
    @classmethod
    def _spark(cls, master: str | None) -> str | None:
        if master is not None and find_spec("pyspark") is None:
            raise ValueError("install concordat-accountability[spark] to rate on a cluster, or leave it out")
        return master
