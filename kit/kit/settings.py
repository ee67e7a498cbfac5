"""What a service is told from outside, read once in `create_app`."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings of every service, from variables that begin with `CONCORDAT_` (or files in `/run/secrets`)."""

    model_config = SettingsConfigDict(
        env_prefix="CONCORDAT_",
        extra="ignore",
        secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None,
    )

    database_url: SecretStr = Field(description="postgresql+psycopg://user:password@host:port/name")
    database_pool_size: int = Field(default=10, ge=1, description="Connections per process.")
    nats_url: str = Field(description="nats://host:port", examples=["nats://127.0.0.1:4222"])
    issuer: str = Field(description="The authorization server's identifier: the gateway's public URL.")
    jwks_url: str = Field(description="Where the key set is fetched.")
    jwks_cache: Path | None = Field(
        default=None, description="A file that keeps the last good key set, so that a dead gateway stops nobody."
    )
    log_level: str = "INFO"
