"""What is read from an app's source: where it declares what was asked."""

import sys

import pytest

from ladder.course.source import Source

MAIN = """
from fastapi import APIRouter, FastAPI
from .routes import notes, users as people
from .more import router as more_router
from probe import odd

app = FastAPI()
here: APIRouter = APIRouter(prefix="/here")


@app.post("/notes", status_code=201)
def create_note(): ...


@app.get(path="/notes/{note_id}")
async def read_note(): ...


@app.get("/notes/latest")
def read_latest(): ...


@app.api_route("/both", methods=["GET", "POST"])
def do_both(): ...


@app.websocket("/chat")
async def chat(): ...


@app.get("/files/{path:path}")
def read_file(): ...


@app.get("/v{version}/about")
def about(): ...


@here.get("")
def stay(): ...


@unknown.get("/unknown")
def unknown(): ...


app.include_router(here)
app.include_router(notes.router, prefix="/api")
app.include_router(notes.router, prefix="/v2")
app.include_router(people.router)
app.include_router(more_router)
app.include_router(odd.router)
"""
ROUTER = """
from fastapi import APIRouter

router = APIRouter(prefix="{prefix}")


@router.get("/{{one}}")
def {name}(): ...
"""


@pytest.fixture
def source(make_app):
    """Return the source of an app with routers of every kind."""
    app = make_app(MAIN, more=ROUTER.format(prefix="/more", name="read_more"), broken="def (")
    (app.source / "routes").mkdir()
    (app.source / "routes/__init__.py").write_text("")
    (app.source / "routes/notes.py").write_text(ROUTER.format(prefix="/notes", name="read_api_note"))
    nested = "\n\nfrom .. import odd\nrouter.include_router(odd.router, prefix='/odd')\n"
    (app.source / "routes/users.py").write_text(ROUTER.format(prefix="/users", name="read_user") + nested)
    (app.source / "odd.py").write_text(ROUTER.format(prefix="/1", name="read_odd"))
    return Source(app.source)


@pytest.mark.parametrize(
    ("method", "path", "place"),
    [
        pytest.param("POST", "/notes", "main.py:12 create_note", id="a decorator"),
        pytest.param("GET", "/notes/5", "main.py:16 read_note", id="a parameter"),
        pytest.param("GET", "/notes/latest", "main.py:20 read_latest", id="a path of its own"),
        pytest.param("POST", "/both", "main.py:24 do_both", id="several methods"),
        pytest.param("WEBSOCKET", "/chat", "main.py:28 chat", id="a WebSocket"),
        pytest.param("GET", "/files/a/b/c", "main.py:32 read_file", id="a parameter of several parts"),
        pytest.param("GET", "/v2/about", "main.py:36 about", id="a parameter within a part"),
        pytest.param("GET", "/here", "main.py:40 stay", id="a router in the same file"),
        pytest.param("GET", "/more/1", "more.py:8 read_more", id="a router in another file"),
        pytest.param("GET", "/api/notes/1", "routes/notes.py:8 read_api_note", id="a router in a package"),
        pytest.param("GET", "/v2/notes/1", "routes/notes.py:8 read_api_note", id="included twice"),
        pytest.param("GET", "/users/1", "routes/users.py:8 read_user", id="under another name"),
        pytest.param("GET", "/users/odd/1/2", "odd.py:8 read_odd", id="in a router in a router"),
        pytest.param("GET", "/1/2", "odd.py:8 read_odd", id="an absolute import"),
        pytest.param("DELETE", "/notes", None, id="another method"),
        pytest.param("GET", "/notes/", None, id="a parameter that is empty"),
        pytest.param("GET", "/unknown", None, id="no router"),
        pytest.param("GET", "/notes/5/more", None, id="a longer path"),
        pytest.param("GET", "/", None, id="a shorter path"),
    ],
)
def test_the_place_where_an_endpoint_is_declared_is_found(source, method, path, place):
    assert source.find(method, path) == place


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("-" * 200_000 + "1", id="deep"),
        pytest.param("a" + ".a" * 100_000, id="long chain"),
        pytest.param("if 1: pass\n" + "elif 1: pass\n" * 50_000, id="deep in statements"),
        pytest.param("(" * 200_000, id="open brackets"),
        pytest.param("\0", id="a null byte"),
        pytest.param("# coding: nonsense\n", id="an unknown coding"),
        pytest.param("x" * 2**21, id="too much"),
        pytest.param("'\\d'\n", id="a warning"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_file_that_cannot_be_read_is_passed_over(make_app, text):
    app = make_app(MAIN, hostile=text)

    assert Source(app.source).find("POST", "/notes") == "main.py:12 create_note"


def test_routers_that_include_each_other_take_no_time(make_app):
    names = [f"r{number}" for number in range(20)]
    lines = ["from fastapi import APIRouter", *(f"{name} = APIRouter(prefix='/a')" for name in names)]
    lines += [f"{one}.include_router({other})" for one in names for other in names]
    lines += ["@r1.get('/x')", "def read_x(): ..."] * 100

    assert Source(make_app("\n".join(lines)).source).find("GET", "/nowhere") is None


def test_links_are_not_followed_and_odd_names_are_shown(make_app, tmp_path):
    (tmp_path / "secret.py").write_text(
        "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/x')\ndef f(): ...\n"
    )
    app = make_app("")
    (app.source / "linked.py").symlink_to(tmp_path / "secret.py")

    assert Source(app.source).find("GET", "/x") is None

    (tmp_path / "secret.py").rename(app.source / "a\x1b[31m.py")
    assert Source(app.source).find("GET", "/x") == r"a\x1b[31m.py:4 f"


def test_a_source_is_read_and_never_run(make_app):
    Source(make_app("import sys\nsys.modules['was_run'] = sys\n").source)

    assert "was_run" not in sys.modules
