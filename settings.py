"""Every setting of the platform, from the environment or a `.env` file (prefix `ONOO_`)."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The platform's settings; `.env.example` describes each for operators."""

    model_config = SettingsConfigDict(
        env_prefix="ONOO_", env_file=".env", env_file_encoding="utf-8", extra="ignore"
    )

    data_dir: Path = Path(".onoo")
    """Relative to the project, wherever the command is run."""
    host: str = "127.0.0.1"
    port: int = 8080
    metrics_port: int = Field(default=0, ge=0, lt=65536)
    public_url: str = ""
    operator: str = ""
    contact: str = ""
    """Who answers for personal data, and where to reach them: on the page /privacy."""
    trusted_proxies: str = "127.0.0.1,::1"
    """Addresses and networks whose X-Forwarded-For counts."""
    web_pages_per_address: int = Field(default=2000, ge=0)
    """Chat pages open at once from one network address, of each process; 0: no limit."""
    web_visitors_per_address: int = Field(default=3000, ge=0)
    """New visitors an hour from one network address, of each process; 0: no limit."""
    log_format: str = Field(default="auto", pattern="^(auto|json|console)$")
    log_level: str = "INFO"

    mongodb_uri: str = ""
    mongodb_database: str = "onoo"
    embedded_port: int = 27117
    lease_seconds: float = Field(default=12.0, gt=0)

    telegram_token: SecretStr = SecretStr("")
    telegram_secret: SecretStr = SecretStr("")
    telegram_mode: str = Field(default="polling", pattern="^(polling|webhook)$")
    telegram_base_url: str = "https://api.telegram.org/bot"
    telegram_base_file_url: str = "https://api.telegram.org/file/bot"
    telegram_per_second: float = 30.0

    messenger_token: SecretStr = SecretStr("")
    messenger_app_secret: SecretStr = SecretStr("")
    messenger_verify_token: SecretStr = SecretStr("")
    messenger_page_id: str = ""
    messenger_app_id: str = ""
    messenger_base_url: str = "https://graph.facebook.com"
    messenger_graph_version: str = "v26.0"
    messenger_per_second: float = 40.0
    messenger_utility_template: str = ""
    messenger_media_hosts: str = "fbcdn.net fbsbx.com"

    nlu_url: str = ""
    nlu_port: int = 5105
    nlu_token: SecretStr = SecretStr("")
    nlu_deadline: float = 1.5

    secret_key: SecretStr = SecretStr("")

    retention_conversations_days: int = Field(default=365, ge=0)
    retention_answers_days: int = Field(default=0, ge=0)
    retention_problems_days: int = Field(default=1095, ge=0)
    retention_inactive_days: int = Field(default=1095, ge=0)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, listed: str) -> str:
        for one in listed.replace(",", " ").split():
            ip_network(one)
        return listed

    @field_validator("data_dir")
    @classmethod
    def _beside_the_code(cls, folder: Path) -> Path:
        return Path(__file__).parent / folder


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
