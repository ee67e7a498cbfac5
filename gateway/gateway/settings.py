"""What the gateway is told from outside, besides what every service is told."""

from pathlib import Path

from kit.settings import ServiceSettings
from pydantic import Field


class GatewaySettings(ServiceSettings):
    """Settings of the gateway."""

    public_base_url: str = Field(description="The URL that clients use, without a slash at the end.")
    signing_key_folder: Path = Field(description="Holds the keys that sign tokens; the first is made at the start.")
    bootstrap_secret_file: Path = Field(description="Holds the secret of the client `platform`.")
    registry_url: str
    accountability_url: str
    shared_services_url: str
    requests_per_minute: int = Field(default=6_000, ge=1, description="For each client, in each process.")
    cache_seconds: float = Field(default=1.0, ge=0, le=60, description="How old an answer may get; 0: none is kept.")
    answer_seconds: float = Field(default=60.0, gt=0, description="How long a service may be silent.")
    file_answer_seconds: float = Field(
        default=600.0, gt=0, description="The same after a body of more than 64 KB: a file takes minutes to check."
    )

    def service_urls(self) -> dict[str, str]:
        """Where each service listens, by its name."""
        return {
            "registry": self.registry_url,
            "accountability": self.accountability_url,
            "shared-services": self.shared_services_url,
        }
