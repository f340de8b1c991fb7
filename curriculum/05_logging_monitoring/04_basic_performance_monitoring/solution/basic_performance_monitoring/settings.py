"""What the environment decides."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """The settings, each read from the environment variable of its name."""

    slow_seconds: float = 0.5
    carrier_seconds: float = 0.02
    payment_seconds: float = 0.02
    receipt_seconds: float = 0.02
    report_rows: int = 10_000


settings = Settings()
