"""The acceptance tests of curriculum 3.1: one for each criterion of the ticket."""

import hmac
import re
from contextlib import suppress

import pytest

PLAIN = {"SHOP_NAME": "Corner shop", "PAGE_SIZE": "20", "GUEST_ORDERS": "true"}
DEVELOPMENT = {
    "SECRET_KEY": "development-only-key",
    "DATABASE_URL": "postgresql://shop:development-only@localhost/shop",
    "PAYMENT_API_KEY": "development-only-payment-key",
}
SECRETS = set(DEVELOPMENT)
SHORT = {"SECRET_KEY": "k", "PAYMENT_API_KEY": "p"}
NAMES = {*PLAIN, *SECRETS}
DEFAULTS = {
    "app_env": "development",
    "shop_name": "Corner shop",
    "page_size": 20,
    "guest_orders": True,
    "secret_key": "not set",
    "database_url": "not set",
    "payment_api_key": "not set",
}
ALL_SET = {name.lower(): "set" for name in SECRETS}
STARTERS_KEYS = [b"links-of-the-corner-shop-7Hq2mWc9", b"payments-live-4tXz81RkPe"]
PROBLEM = "application/problem+json"
RARE = "QXZJKVW"
PART = re.compile(f"[{RARE}]{{4}}|[0-9a-f]{{16}}")  # of a new secret, and of nothing else
ASSIGNED = re.compile(r"^\s*(?:export +)?(\w+) *=", re.MULTILINE)
FILES = [".env", ".env.development", ".env.production"]
HIDDEN = [*FILES, *(f"deploy/{name}" for name in FILES), "deploy/eu/.env.production"]
VISIBLE = [".env.example", ".gitignore", "main.py", "settings.py", "env.py"]
VISIBLE += ["environment/production.py", "environment/development.py"]
REFUSED = "it ends with another status than 0"
END_SECONDS = 5.0
"""How long an app that has refused its settings may take to end."""


def new_secret(values):
    """Return a secret whose beginning, middle and end are found wherever somebody prints them."""
    first, last = ("".join(values.choices(RARE, k=4)) for _ in range(2))
    return f"{first}-{values.getrandbits(64):016x}-{last}"


def new_secrets(values):
    """Return a value for each of the three secrets."""
    host = f"db-{values.randrange(10**6)}.internal"
    return {
        "SECRET_KEY": new_secret(values),
        "DATABASE_URL": f"postgresql://shop:{new_secret(values)}@{host}:5432/shop",
        "PAYMENT_API_KEY": new_secret(values),
    }


def host_of(secrets):
    """Return the host in the URL of the database."""
    return secrets["DATABASE_URL"].rpartition("@")[2].partition(":")[0]


def env_file(variables):
    """Return a file with a line for each variable."""
    return "".join(f"{name}={value}\n" for name, value in variables.items())


def sign(key, order_id):
    """Return an order's number with its signature, as both endpoints do."""
    signature = hmac.digest(key.encode(), str(order_id).encode(), "sha256").hex()
    return {"order_id": order_id, "signature": signature}


def parts_in(text, secrets):
    """Return the parts of secrets that a text contains."""
    return [part for secret in secrets.values() for part in PART.findall(secret) if part in text]


def end_of(server):
    """Return how an app's start ends.

    A request comes first, so that an app which runs is known at once; one that has ended cannot answer. The path has
    no need of settings, so that an app which reads them later answers as well.
    """
    with suppress(Exception):
        server.client.get("/unknown")
        return "it answers"
    return {None: "it hangs", 0: "it ends with status 0"}.get(server.wait_end(END_SECONDS), REFUSED)


def named_by(server):
    """Return the variables that an app has named in what it printed."""
    return {name for name in NAMES if name in server.log}


def text_beside_main(server, name):
    """Return a text file of the package."""
    file = server.source / name
    assert file.is_file(), f"There is no {name} beside main.py."
    return file.read_text(encoding="utf-8")


@pytest.fixture(name="secrets")
def secrets_of_its_own(values):
    return new_secrets(values)


@pytest.fixture(name="others")
def secrets_of_another_place(values):
    return new_secrets(values)


@pytest.mark.parametrize("settings", [{}, {"APP_ENV": ""}], ids=["nothing", "an empty name"])
def test_development_starts_with_nothing(launch, settings):
    server = launch(**settings)

    response = server.client.get("/config")

    assert response.status_code == 200
    assert response.json() == DEFAULTS
    assert server.client.get("/orders/7/link").json() == sign(DEVELOPMENT["SECRET_KEY"], 7)
    assert server.client.get("/orders/7/payment").json() == sign(DEVELOPMENT["PAYMENT_API_KEY"], 7)


@pytest.mark.parametrize(
    ("app_env", "other_values"),
    [
        pytest.param("development", {"DATABASE_URL": "postgresql://localhost", **SHORT}, id="development"),
        pytest.param("production", {"SECRET_KEY": f"{DEVELOPMENT['SECRET_KEY']}-2"}, id="production"),
    ],
)
def test_variables_come_from_the_environment(launch, values, secrets, app_env, other_values):
    name = f'"{values.text(100)} # $HOME <\\"'
    server = launch(
        APP_ENV=app_env, SHOP_NAME=name, PAGE_SIZE="1", GUEST_ORDERS="false", **secrets | other_values
    )

    response = server.client.get("/config")

    assert response.status_code == 200
    plain = {"shop_name": name, "page_size": 1, "guest_orders": False}
    assert response.json() == {"app_env": app_env, **plain, **ALL_SET}


def test_variables_come_from_the_file_env(launch, values, secrets):
    name = f"{values.text()} \u00e9"
    secrets["PAYMENT_API_KEY"] = DEVELOPMENT["PAYMENT_API_KEY"]  # which is a value like any other here
    lines = f'# PAGE_SIZE=3\n\nSHOP_NAME="{name}"\nPAGE_SIZE={10**30}\nGUEST_ORDERS=false\n'
    server = launch({".env": lines + env_file(secrets), ".env.production": "SHOP_NAME=wrong\n"})

    response = server.client.get("/config")

    assert response.status_code == 200
    plain = {"shop_name": name, "page_size": 10**30, "guest_orders": False}
    assert response.json() == {"app_env": "development", **plain, **ALL_SET}


@pytest.mark.parametrize(
    ("app_env", "other"),
    [("development", "production"), ("production", "development")],
    ids=lambda name: name,
)
def test_the_file_of_the_environment_wins_over_env(launch, secrets, app_env, other):
    files = {
        ".env": "SHOP_NAME=general\nPAGE_SIZE=5\nGUEST_ORDERS=perhaps\n" + env_file(secrets),
        f".env.{app_env}": "SHOP_NAME=007\nGUEST_ORDERS=true\n",
        f".env.{other}": "SHOP_NAME=wrong\nPAGE_SIZE=6\nGUEST_ORDERS=false\n",
    }
    server = launch(files, APP_ENV=app_env)

    response = server.client.get("/config")

    assert response.status_code == 200
    plain = {"shop_name": "007", "page_size": 5, "guest_orders": True}
    assert response.json() == {"app_env": app_env, **plain, **ALL_SET}


def test_the_environment_wins_over_both_files(launch, secrets):
    files = {
        ".env": "SHOP_NAME=general\nPAGE_SIZE=5\nGUEST_ORDERS=false\n",
        ".env.production": "SHOP_NAME=special\nPAGE_SIZE=six\n",
    }
    server = launch(files, APP_ENV="production", SHOP_NAME="environment", PAGE_SIZE="7", **secrets)

    response = server.client.get("/config")

    assert response.status_code == 200
    plain = {"shop_name": "environment", "page_size": 7, "guest_orders": False}
    assert response.json() == {"app_env": "production", **plain, **ALL_SET}


def test_app_env_comes_from_the_environment_only(launch):
    files = {
        ".env": "APP_ENV=production\nPAGE_SIZE=5\n",
        ".env.development": "APP_ENV=production\nSHOP_NAME=mine\n",
        ".env.production": "SHOP_NAME=wrong\n",
    }
    server = launch(files)

    response = server.client.get("/config")

    assert response.status_code == 200
    assert response.json() == DEFAULTS | {"shop_name": "mine", "page_size": 5}


def test_an_empty_value_counts_as_none(launch, secrets):
    files = {
        ".env": 'SHOP_NAME=general\nPAGE_SIZE=5\nGUEST_ORDERS=""\nPAYMENT_API_KEY=\n',
        ".env.development": f"SHOP_NAME=\nSECRET_KEY={secrets['SECRET_KEY']}\n",
    }
    server = launch(files, PAGE_SIZE="", SECRET_KEY="", DATABASE_URL="")

    response = server.client.get("/config")

    assert response.status_code == 200
    assert response.json() == DEFAULTS | {"shop_name": "general", "page_size": 5, "secret_key": "set"}
    assert server.client.get("/orders/7/link").json() == sign(secrets["SECRET_KEY"], 7)


PLACES = {
    "the environment": lambda right, wrong: (
        {".env": env_file(wrong), ".env.production": env_file(wrong)},
        right,
    ),
    "its own file": lambda right, wrong: ({".env": env_file(wrong), ".env.production": env_file(right)}, {}),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_links_are_signed_with_secret_key(launch, values, secrets, others, place):
    secrets["SECRET_KEY"] += "=="  # as Base64 ends
    files, settings = place(secrets, others)
    server = launch(files, APP_ENV="production", **settings)
    order_id = values.randrange(10**6)

    response = server.client.get(f"/orders/{order_id}/link")

    assert response.status_code == 200
    assert response.json() == sign(secrets["SECRET_KEY"], order_id)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_payments_are_signed_with_payment_api_key(launch, values, secrets, others, place):
    secrets["PAYMENT_API_KEY"] += "\u00e9"
    files, settings = place(secrets, others)
    server = launch(files, APP_ENV="production", **settings)
    order_id = 10**30 + values.randrange(10**6)

    response = server.client.get(f"/orders/{order_id}/payment")

    assert response.status_code == 200
    assert response.json() == sign(secrets["PAYMENT_API_KEY"], order_id)


def test_other_variables_are_ignored(launch):
    files = {".env": "SMTP_HOST=mail.internal\nPAGE_SIZE=5\n", ".env.development": "DEBUG=perhaps\n"}
    server = launch(files)

    response = server.client.get("/config")

    assert response.status_code == 200
    assert response.json() == DEFAULTS | {"page_size": 5}


@pytest.mark.parametrize(
    ("missing", "empty"),
    [
        pytest.param(SECRETS, {}, id="all three"),
        pytest.param({"DATABASE_URL"}, {}, id="one"),
        pytest.param(
            {"SECRET_KEY", "PAYMENT_API_KEY"}, {"SECRET_KEY": "", "PAYMENT_API_KEY": ""}, id="two are empty"
        ),
    ],
)
def test_a_missing_secret_stops_the_start_of_production(launch, secrets, missing, empty):
    given = {name: value for name, value in secrets.items() if name not in missing}

    server = launch(
        {".env": env_file(given), ".env.production": env_file(empty)}, APP_ENV="production", **empty
    )

    assert end_of(server) == REFUSED
    assert named_by(server) == missing


@pytest.mark.parametrize(
    ("names", "in_environment"),
    [
        pytest.param(SECRETS, set(), id="all three"),
        pytest.param({"PAYMENT_API_KEY"}, {"PAYMENT_API_KEY"}, id="one, in the environment"),
    ],
)
def test_a_development_default_stops_the_start_of_production(launch, secrets, names, in_environment):
    in_file = {name: DEVELOPMENT[name] for name in names - in_environment}
    settings = {name: DEVELOPMENT[name] for name in names & in_environment}
    files = {".env": env_file(secrets), ".env.production": env_file(in_file)}

    server = launch(files, APP_ENV="production", **settings)

    assert end_of(server) == REFUSED
    assert named_by(server) == names


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("PAGE_SIZE", "1.5", id="a fraction"),
        pytest.param("PAGE_SIZE", "0", id="zero"),
        pytest.param("GUEST_ORDERS", "perhaps", id="neither true nor false"),
        pytest.param("DATABASE_URL", "postgres://db.internal/shop", id="a short name of the scheme"),
        pytest.param("DATABASE_URL", "postgresql+psycopg://db.internal/shop", id="a driver in the scheme"),
        pytest.param("DATABASE_URL", "postgresql://shop:password@/shop", id="a user and no host"),
    ],
)
def test_a_wrong_value_stops_the_start(launch, name, value):
    server = launch({".env.development": f"{name}={value}\n"})

    assert end_of(server) == REFUSED
    assert named_by(server) == {name}


@pytest.mark.parametrize("app_env", ["prod", "Production", "test"])
def test_an_unknown_app_env_stops_the_start(launch, secrets, app_env):
    server = launch(APP_ENV=app_env, **secrets)

    assert end_of(server) == REFUSED
    assert "APP_ENV" in server.log


def test_missing_and_wrong_variables_are_named_together(launch, secrets):
    files = {".env": "GUEST_ORDERS=perhaps\n", ".env.production": "PAGE_SIZE=-1\n"}

    server = launch(
        files,
        APP_ENV="production",
        DATABASE_URL="jdbc:postgresql://db/shop",
        SECRET_KEY=secrets["SECRET_KEY"],
    )

    assert end_of(server) == REFUSED
    assert named_by(server) == {"DATABASE_URL", "GUEST_ORDERS", "PAGE_SIZE", "PAYMENT_API_KEY"}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"PAGE_SIZE": "{0}", "GUEST_ORDERS": "{0}"}, id="a wrong number, and a wrong boolean"),
        pytest.param({"SECRET_KEY": ""}, id="a missing secret"),
        pytest.param({"DATABASE_URL": "mysql://shop:{0}@\u2100/shop"}, id="a wrong URL with an odd host"),
        pytest.param({"APP_ENV": "{0}"}, id="an unknown environment"),
    ],
)
def test_a_refused_start_prints_no_value(launch, values, secrets, wrong):
    value = new_secret(values)
    settings = {name: form.format(value) for name, form in wrong.items()}
    in_file = {name: secret for name, secret in secrets.items() if name != "SECRET_KEY"}
    in_environment = {"APP_ENV": "production", "SECRET_KEY": secrets["SECRET_KEY"]} | settings

    server = launch({".env": env_file(in_file)}, **in_environment)

    assert end_of(server) == REFUSED
    assert [name for name in wrong if name not in server.log] == []
    assert parts_in(server.log, secrets | {"wrong": value}) == []


@pytest.mark.parametrize("form", ["{url}", "postgresql://{host}"], ids=["a whole URL", "only a host"])
def test_a_crash_logs_the_host_and_no_secret(launch, secrets, form):
    host = host_of(secrets)
    secrets["DATABASE_URL"] = form.format(url=secrets["DATABASE_URL"], host=host)
    server = launch({".env.production": env_file(secrets)}, APP_ENV="production")

    response = server.client.get("/crash")

    assert response.status_code == 500
    assert response.headers["Content-Type"] == PROBLEM
    server.client.get("/config")  # by then, the log is written
    assert "Traceback" in server.log
    assert host in server.log
    assert parts_in(f"{response.text} {server.log}", secrets) == []


def test_no_response_and_no_log_line_contains_a_secret(launch, secrets):
    server = launch(APP_ENV="production", **secrets)

    answers = {
        "a crash": server.client.get("/crash"),
        "a link": server.client.get("/orders/7/link"),
        "a payment": server.client.get("/orders/7/payment"),
        "no number": server.client.get("/orders/seven/link"),
        "an unknown path": server.client.get("/unknown"),
        "OpenAPI": server.client.get("/openapi.json"),
        "the configuration": server.client.get("/config"),
    }

    assert [answer.status_code for answer in answers.values()] == [500, 200, 200, 422, 404, 200, 200]
    types = {name: answer.headers["Content-Type"] for name, answer in answers.items()}
    problems = ["a crash", "an unknown path", "no number"]
    assert sorted(name for name in types if types[name] == PROBLEM) == problems
    assert {types[name] for name in types if name not in problems} == {"application/json"}
    assert answers["the configuration"].json() == DEFAULTS | ALL_SET | {"app_env": "production"}
    told = {name: f"{answer.headers} {answer.text}" for name, answer in answers.items()} | {"log": server.log}
    assert [name for name, text in told.items() if parts_in(text, secrets) != []] == []


@pytest.fixture
def hidden(launch, tool):
    """Return those of some paths that git hides, beside a copy of the package's `.gitignore`."""

    def hidden(paths):
        tool("git", "init", "--quiet", files={".gitignore": text_beside_main(launch(), ".gitignore")})
        return tool("git", "check-ignore", "--no-index", *paths).output.splitlines()

    return hidden


def test_gitignore_hides_the_files_with_values(hidden):
    assert hidden(HIDDEN) == HIDDEN


def test_gitignore_hides_neither_the_example_nor_the_code(hidden):
    assert hidden([".env", *VISIBLE]) == [".env"]


def test_env_example_names_every_variable(launch):
    example = text_beside_main(launch(), ".env.example")

    assert NAMES - set(ASSIGNED.findall(example)) == set()


def test_env_example_holds_no_secret(launch):
    example = text_beside_main(launch(), ".env.example")

    server = launch({".env": example}, APP_ENV="production")

    assert end_of(server) == REFUSED
    assert named_by(server) == SECRETS


def test_a_copy_of_env_example_works_as_env(launch):
    example = text_beside_main(launch(), ".env.example")
    server = launch({".env": example})

    response = server.client.get("/config")

    assert response.status_code == 200
    config = response.json()
    assert [config[name.lower()] for name in sorted(SECRETS)] == ["not set"] * 3


def test_the_keys_of_the_starter_are_in_no_file(launch):
    source = launch().source

    files = [path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts]

    assert source / "main.py" in files
    content = b"".join(path.read_bytes() for path in files)
    assert [key for key in STARTERS_KEYS if key in content] == []
