"""The engine, and the sessions on it."""

from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import Session, sessionmaker


class Database:
    """One database, opened once for the whole process."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, connect_args={"timeout": 30})
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)

    def create_tables(self, metadata: MetaData) -> None:
        """Create the tables that are missing."""
        metadata.create_all(self._engine)

    def session(self) -> Session:
        """Open a session."""
        return self._sessions()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()
