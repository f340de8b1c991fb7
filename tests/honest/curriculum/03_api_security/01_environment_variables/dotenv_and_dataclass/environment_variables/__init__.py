"""The shop's settings, read with python-dotenv into a dataclass."""
