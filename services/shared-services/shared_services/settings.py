"""What shared services is told from outside, besides what every service is told."""

from pathlib import Path

from kit.settings import ServiceSettings
from pydantic import Field, SecretStr


class Settings(ServiceSettings):
    """Settings of shared services. Files go to a folder, or to an S3-compatible store if one is named."""

    attachment_folder: Path | None = Field(default=None, description="Keeps attached files, by their content's hash.")
    attachment_limit_bytes: int = Field(default=25_000_000, ge=1, description="How large an attached file may be.")
    scan_command: list[str] | None = Field(
        default=None,
        description="Looks for malware in the file whose path is added: ends with 0 if clean, 1 if not.",
        examples=[["clamdscan", "--no-summary", "--fdpass"]],
    )
    scan_seconds: float = Field(default=30.0, gt=0, description="How long it may take.")
    s3_url: str | None = Field(default=None, description="The bucket's URL.", examples=["https://s3.example/concordat"])
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
