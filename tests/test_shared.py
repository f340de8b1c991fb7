"""The toolkit that apps import, tried in a real database and over a real server."""

import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Field, Session, SQLModel, create_engine, select

from ladder.course.catalog import App
from ladder.serving.launcher import Launcher
from ladder.serving.runner import warm_runner
from shared.database import open_engine, utc_now
from shared.money import Price
from shared.problems import problem_responses
from shared.text import NonBlank

APP = """
from pathlib import Path
from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlmodel import Field, Session, SQLModel

from shared.database import get_row, open_engine
from shared.problems import install_problem_handlers, problem
from shared.text import NonBlank


class Row(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: NonBlank
    number: float = 0
    kind: Literal["a", "b"] = "a"
    counts: dict[str, int] = {}


class Taken(Exception):
    pass


class TakenByMe(Taken):
    pass


class Gone(Exception):
    pass


app = FastAPI()
install_problem_handlers(app, {Taken: 409, Gone: 410})
engine = open_engine("sqlite:///rows.db")
SQLModel.metadata.create_all(engine)


@app.get("/rows/{row_id}")
def read_row(row_id: int):
    with Session(engine) as session:
        return get_row(session, Row, row_id) is not None


@app.post("/texts")
def create_text(body: Body):
    return body


@app.get("/http/{status}")
def raise_http_exception(status: int):
    raise HTTPException(status, "No.", headers={"WWW-Authenticate": "Bearer"})


@app.get("/not_modified")
def raise_not_modified():
    raise HTTPException(304, headers={"ETag": '"1"'})


@app.get("/taken")
def raise_taken():
    raise Taken("The name is taken.")


@app.get("/taken_by_me")
def raise_taken_by_me():
    raise TakenByMe("The name is yours.")


@app.get("/gone")
def raise_gone():
    raise Gone("It was there.")


@app.get("/unexpected")
def raise_unexpected():
    raise ValueError("the secret of the house")


@app.get("/more")
def answer_more():
    return problem(409, "Twice.", {"Retry-After": "1"}, ids=[1, 2])
"""


class Owner(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)


class Moment(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    owner_id: int | None = Field(default=None, foreign_key="owner.id")
    at: datetime | None = None


@pytest.fixture(scope="module")
def launcher(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("apps"), "problems")
    app.source.mkdir()
    (app.source / "main.py").write_text(APP)
    launcher = Launcher(warm_runner(Path(sys.executable), ("sqlmodel",)), app)
    yield launcher
    launcher.close()


@pytest.fixture(scope="module")
def server(launcher):
    """Return one server for all: no test here changes anything in it."""
    server = launcher.launch()
    yield server
    server.close()


@pytest.fixture
def client(server):
    """Return a client of the test's own: after an unexpected error uvicorn closes the connection."""
    with server.process.address.open_client() as client:
        yield client


@pytest.fixture
def own_server(launcher):
    """Return a server of the test's own."""
    server = launcher.launch()
    yield server
    server.close()


@pytest.fixture
def engine(tmp_path):
    """Return an engine for a database in a file."""
    engine = open_engine(f"sqlite:///{tmp_path}/moments.db")
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def keep(engine):
    """Write a time into the database, and read it with another session: what apps leave to SQLModel."""

    def keep(moment):
        with Session(engine) as session:
            row = Moment(at=moment)
            session.add(row)
            session.commit()
            key = row.id
        with Session(engine) as session:
            return session.get_one(Moment, key).at

    return keep


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param(" ", id="a blank"),
        pytest.param("\t\r\n\v\f", id="control characters"),
        pytest.param("\u00a0", id="no-break space"),
        pytest.param("\u2003\u3000", id="wide spaces"),
        pytest.param("\u0085\u2028\u2029", id="line separators"),
        pytest.param(None, id="null"),
        pytest.param(1, id="a number"),
    ],
)
def test_a_blank_is_refused(value):
    with pytest.raises(ValidationError):
        TypeAdapter(NonBlank).validate_python(value)


@pytest.mark.parametrize("value", ["a", "  a \n", "\u00a0☕\u00a0", "0", "𝄞", "a\n\nb"])
def test_what_is_not_blank_is_kept_as_it_was_sent(value):
    assert TypeAdapter(NonBlank).validate_python(value) == value


@pytest.mark.parametrize("value", [0, 0.009, 1.005, 1_000_000.01, float("nan"), "5", None])
def test_what_is_no_price_is_refused(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Price).validate_python(value)


@pytest.mark.parametrize("value", [0.01, 0.29, 5, 5.0, 999_999.99, 1_000_000])
def test_a_price_is_exact_in_the_app_and_a_number_in_json(value):
    price = TypeAdapter(Price).validate_python(value)

    assert price == Decimal(str(value))
    assert TypeAdapter(Price).dump_json(price) == str(float(value)).encode()


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(2024, 2, 29, 23, 59, 59, 999999, UTC), id="microseconds"),
        pytest.param(datetime(1969, 12, 31, tzinfo=UTC), id="before 1970"),
        pytest.param(datetime(2024, 3, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))), id="east"),
        pytest.param(datetime(2024, 3, 1, 1, tzinfo=timezone(timedelta(hours=-9, minutes=-30))), id="west"),
    ],
)
def test_an_aware_time_comes_back_as_the_same_moment_in_utc(keep, moment):
    kept = keep(moment)

    assert kept == moment
    assert kept.tzinfo is UTC


def test_no_time_comes_back_as_none(keep):
    assert keep(None) is None


def test_a_naive_time_is_refused(keep):
    with pytest.raises(StatementError, match="must have timezone information"):
        keep(datetime(2024, 2, 29))  # noqa: DTZ001


def test_times_are_compared_as_moments_in_a_query(engine, keep):
    keep(datetime(2024, 3, 1, 0, tzinfo=UTC))
    keep(datetime(2024, 3, 1, 2, tzinfo=UTC))
    border = datetime(2024, 3, 1, 6, 45, tzinfo=timezone(timedelta(hours=5, minutes=45)))  # 01:00 in UTC

    with Session(engine) as session:
        later = session.exec(select(Moment).where(Moment.at > border)).all()

    assert [moment.at.hour for moment in later] == [2]


def test_the_present_moment_comes_back_as_it_was(keep):
    before = datetime.now(UTC)

    moment = utc_now()

    assert moment.tzinfo is UTC
    assert before <= moment <= datetime.now(UTC)
    assert keep(moment) == moment


def test_foreign_keys_are_enforced(engine):
    with Session(engine) as session:
        session.add(Moment(owner_id=1))

        with pytest.raises(IntegrityError):
            session.commit()


def test_foreign_keys_are_enforced_in_every_connection(engine):
    connections = [engine.connect() for _ in range(3)]

    values = [connection.scalar(text("PRAGMA foreign_keys")) for connection in connections]

    [connection.close() for connection in connections]
    assert values == [1, 1, 1]


def test_a_file_is_written_ahead_with_patience(engine):
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA busy_timeout")) == 30_000


def test_a_reader_does_not_wait_for_a_writer(engine):
    with Session(engine) as writer, Session(engine) as reader:
        writer.add(Owner())
        writer.flush()

        assert reader.exec(select(Owner)).all() == []

        writer.commit()
        reader.rollback()
        assert len(reader.exec(select(Owner)).all()) == 1


def test_hundreds_of_connections_are_open_at_once(engine):
    connections = [engine.connect() for _ in range(200)]

    values = {connection.scalar(text("SELECT 1")) for connection in connections}

    [connection.close() for connection in connections]
    assert values == {1}


def test_an_engine_for_another_database_is_an_ordinary_one():
    engine = open_engine("postgresql://localhost/notes")

    assert (engine.dialect.name, engine.driver) == ("postgresql", "psycopg")
    assert engine.pool.size() == create_engine("postgresql://localhost/notes").pool.size()


def test_openapi_is_told_of_problems_by_their_status_and_media_type():
    declared = problem_responses(404, 422)

    assert list(declared) == [404, 422]
    assert declared[404]["description"] == "Not Found"
    [(media_type, content)] = declared[422]["content"].items()
    assert media_type == "application/problem+json"
    assert content["schema"]["required"] == ["type", "title", "status", "detail"]


@pytest.mark.parametrize(
    ("row_id", "status"),
    [
        pytest.param(1, 200, id="one"),
        pytest.param(2**63 - 1, 200, id="the largest"),
        pytest.param(2**63, 200, id="too large"),
        pytest.param(10**40, 200, id="far too large"),
        pytest.param(-(2**63), 200, id="the smallest"),
        pytest.param(-(2**63) - 1, 200, id="too small"),
        pytest.param("one", 422, id="a word"),
    ],
)
def test_a_key_that_no_column_can_hold_is_the_key_of_no_row(client, row_id, status):
    assert client.get(f"/rows/{row_id}").status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status", "title", "detail"),
    [
        pytest.param("GET", "/nowhere", 404, "Not Found", "Not Found", id="an unknown path"),
        pytest.param(
            "PUT", "/taken", 405, "Method Not Allowed", "Method Not Allowed", id="an unknown method"
        ),
        pytest.param("GET", "/http/403", 403, "Forbidden", "No.", id="the framework's exception"),
        pytest.param("GET", "/taken", 409, "Conflict", "The name is taken.", id="the domain's exception"),
        pytest.param("GET", "/gone", 410, "Gone", "It was there.", id="another one"),
        pytest.param(
            "GET", "/taken_by_me", 409, "Conflict", "The name is yours.", id="a kind of the domain's"
        ),
        pytest.param(
            "GET",
            "/unexpected",
            500,
            "Internal Server Error",
            "Something went wrong on our side.",
            id="an unexpected one",
        ),
    ],
)
def test_every_error_has_one_shape(client, method, path, status, title, detail):
    response = client.request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {"type": "about:blank", "title": title, "status": status, "detail": detail}


def test_the_headers_of_an_exception_are_kept(client):
    unauthorized = client.get("/http/401")
    not_allowed = client.put("/taken")

    assert unauthorized.headers["www-authenticate"] == "Bearer"
    assert not_allowed.headers["allow"] == "GET"


def test_an_answer_that_may_have_no_body_has_none(own_server):
    response = own_server.client.get("/not_modified")

    assert response.status_code == 304
    assert response.headers["etag"] == '"1"'
    assert response.content == b""
    assert own_server.client.get("/gone").status_code == 410
    assert own_server.log == ""


def test_a_problem_may_say_more(client):
    response = client.get("/more")

    assert response.status_code == 409
    assert response.headers["retry-after"] == "1"
    assert response.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "Twice.",
        "ids": [1, 2],
    }


def test_a_payload_that_is_not_valid_is_told_place_by_place(client):
    response = client.post("/texts", json={"text": " ", "counts": {"a": "x"}})

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    answer = response.json()
    assert [error["place"] for error in answer.pop("errors")] == ["body.text", "body.counts.a"]
    assert answer == {
        "type": "about:blank",
        "title": HTTPStatus(422).phrase,
        "status": 422,
        "detail": "The request is not valid.",
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b'{"text": NaN}', 422, id="NaN"),
        pytest.param(b'{"text": "a", "number": "NaN!"}', 422, id="a word for a number"),
        pytest.param(b'{"text": [Infinity]}', 422, id="infinity"),
        pytest.param(rb'{"text": "\ud800"}', 422, id="half of a surrogate pair"),
        pytest.param(rb'{"text": "a", "kind": "\ud800"}', 422, id="half of a surrogate pair for a choice"),
        pytest.param(rb'{"text": "a", "\ud800": 1}', 422, id="half of a surrogate pair for a name"),
        pytest.param(
            rb'{"text": "a", "counts": {"\ud800": "x"}}', 422, id="half of a surrogate pair for a key"
        ),
        pytest.param(b"{", 422, id="no JSON"),
        pytest.param(b"", 422, id="nothing"),
        # FastAPI itself answers 400 to what Python's JSON reader cannot read at all.
        pytest.param(b'{"text": "\xff"}', 400, id="no UTF-8"),
        pytest.param(b"[" * 20_000, 400, id="too deep"),
        pytest.param(b'{"text": "a", "number": ' + b"1" * 5000 + b"}", 400, id="too many digits"),
    ],
)
def test_an_odd_payload_is_refused_and_never_an_error_of_ours(client, body, status):
    response = client.post("/texts", content=body, headers={"Content-Type": "application/json"})

    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status


def test_an_unexpected_error_tells_the_log_and_not_the_client(own_server, eventually):
    response = own_server.client.get("/unexpected")

    assert response.status_code == 500
    assert "secret" not in response.text
    eventually(lambda: "ValueError: the secret of the house" in own_server.log, "the log holds the traceback")
