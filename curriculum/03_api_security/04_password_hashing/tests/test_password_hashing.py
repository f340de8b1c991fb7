"""The acceptance tests of curriculum 3.4: one for each criterion of the ticket.

The old hashes were made with other tools than the reference's: those of bcrypt by libxcrypt's `crypt`, through Perl;
those of PBKDF2 by `openssl kdf`, or by `hashlib` in the test; those of Argon2 by the command `argon2`, or by its
library. No test sends more than four requests at once: each of them may take 64 MiB.
"""

import json
import re
import sqlite3
import unicodedata
from base64 import b64decode, b64encode
from contextlib import closing
from hashlib import md5, pbkdf2_hmac, sha1, sha256
from pathlib import Path

import pytest

JSON, PROBLEM = "application/json", "application/problem+json"
TABLE = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    username VARCHAR NOT NULL UNIQUE,
    password_hash VARCHAR NOT NULL
)
"""
STARTER = Path(__file__).parent.parent / "starter" / "password_hashing"
COMMON = (STARTER / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
PHC = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")
OWASP = [(47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5)]
"""KiB of memory and passes: settings of argon2id that OWASP's Password Storage Cheat Sheet calls equally strong."""
SPECIAL = "PASSWORD_REQUIRE_SPECIAL"
CHALLENGE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: .+)?")
KEY = "\U0001f511"
EURO = "\N{EURO SIGN}"
BOATS = "nine small boats"
MOST_MEMORY = 64 * 1024
"""KiB that a hash may take."""
MOST = 4
"""How many requests that hash a password are sent at once."""
BCRYPT = {
    "2y": ("knitting by night", "$2y$04$Mq0bT7yKcXv1dWnE5rJzLuazw0GXBgZ6MAOslltHdRkAJO4ErPlPa"),
    "2b": ("river stones 1987", "$2b$04$hW3kZpQd8vTfYx2sJc6NReEePVD4J7MSLRM/eKln4oCiedketPGZ."),
    "2a": ("blue kettle", "$2a$04$B9rUo4LmXeGiVz7tKq1DwuUFjeVBnSa3ZaUswLcZyTpxVqIF/nnme"),
    "2y, 72 bytes": (EURO * 24, "$2y$05$T1fGx8RbNwLq5cYvHk3Jeu4t/v17xfK9CE/MDJO9Wpeqgoi2l./DG"),
}
"""A password, and what bcrypt makes of it."""
LETTERS_72 = "$2y$04$Rk2vLx9HnQwS4bTfUe7YguyCqgX145TL7/atNvFqwKhSWEOQYdiQW"
"""What bcrypt makes of 72 times an `a`."""
SENT = "cafe\u0301 \ufb01n"
SENT_HASH = "$2y$04$zJ6dPqV3mNcK8xWbRt5LheSLJ5bXeJuUXw9L.Rk7T1xXMntLc3JVq"
SENT_ARGON2 = (
    "$argon2id$v=19$m=8192,t=1,p=1$c2VudHNhbHQxMjM0NTY3OA$37/gD10hW+vkurTOv3PsDy6mhCTVumKnH6WybZln8lg"
)
"""What weak Argon2 makes of the NFKC form."""
PBKDF2 = {
    "1000 iterations": (
        "winter is long here",
        "pbkdf2_sha256$1000$kX2mVq9wTz$T46n4m83I+VMOwQa3cNGpMI6wo0fG8XLrxoSdgOoq20=",
    ),
    "2500 iterations": (
        "Gr\u00fc\u00dfe aus Ulm",
        "pbkdf2_sha256$2500$b7Yc$hR4+f0oaXCGLIOF9AQFSg/wnw2YtS8T1mNr4F9U9eJM=",
    ),
}
ARGON2 = {
    "less memory": "$argon2id$v=19$m=8192,t=1,p=1$d2Vha3NhbHQxMjM0NTY3OA$WxPSTTMJXjq0OJgL946kY2zNSehaC1hEWQP5GFpzWG8",
    "one pass": "$argon2id$v=19$m=19456,t=1,p=1$b25lcGFzczEyMzQ1Njc4OQ$+o0ClDBwYlbeKrrwxsn8muT9Kl+mbNFqNGJ1tptLh3c",
    "many passes": "$argon2id$v=19$m=4096,t=10,p=1$bWFueXNhbHQxMjM0NTY3OA$A4I78jbryr3NwlOAnSc9/KmpZSk1gXIcPIbNqas73j0",
    "argon2i": "$argon2i$v=19$m=19456,t=2,p=1$dHlwZWlzYWx0MTIzNDU2Nw$6ew8Rpn9eoZX0qZtyaCf6DogT6cvY916IepEWDmlFNM",
    "strong": "$argon2id$v=19$m=19456,t=2,p=1$Z29vZHNhbHQxMjM0NTY3OA$uu6jPc0BoqOxpH2kjpXPGh3WA6NP/nIvN9mvY17IxLc",
}
"""Hashes of `BOATS`; all but the last are too weak."""


def password_from(values):
    """Return a password that keeps the policy, and that nobody else has."""
    return f"{values.text()}, and more"


def name_from(values):
    """Return a user name that nobody else has."""
    return f"user_{values.getrandbits(48)}"


def register(client, values, **fields):
    """Register a user, and return what logs in."""
    user = {"username": name_from(values), "password": password_from(values), **fields}
    client.post("/register", json=user).raise_for_status()
    return user


def log_in(client, user, **other):
    """Return the response to a login of a user, or to one with another name or password."""
    return client.post("/login", json=user | other)


def change_for(user, new, **other):
    """Return the payload that changes a user's password."""
    return {"username": user["username"], "old_password": user["password"], "new_password": new, **other}


def change(client, user, new):
    """Change a user's password, and return what logs in from then on."""
    client.post("/password", json=change_for(user, new)).raise_for_status()
    return user | {"password": new}


def pbkdf2(password, salt, iterations):
    """Return what an older shop stores of a password."""
    digest = pbkdf2_hmac("sha256", password.encode(), salt.encode(), iterations)
    return f"pbkdf2_sha256${iterations}${salt}${b64encode(digest).decode()}"


def shop_with(**hashes):
    """Return the files of a shop whose users have these hashes; their ids are 11, 21, and so on."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute(TABLE)
        rows = [(10 * place + 1, *row) for place, row in enumerate(hashes.items(), 1)]
        made.executemany("INSERT INTO users (id, username, password_hash) VALUES (?, ?, ?)", rows)
        made.commit()
        return {"shop.db": made.serialize()}


@pytest.fixture
def stored(tmp_path):
    """Return a function that reads each user's hash from a copy of a server's database."""

    def read(server, file="shop.db"):
        for name in (file, f"{file}-wal"):
            (tmp_path / name).write_bytes(server.files.read(name))
        with closing(sqlite3.connect(tmp_path / file)) as copy:
            return dict(copy.execute("SELECT username, password_hash FROM users"))

    return read


def log_in_all(client, at_once, users):
    """Return the status of the login of each user, by the user's name: some at a time, with these passwords."""
    sent = [{"username": name, "password": password} for name, password in users.items()]
    return dict(zip(users, statuses_of(client, at_once, sent), strict=True))


def statuses_of(client, at_once, sent):
    """Return the status of each of these logins; no more than `MOST` are sent at once."""
    return [answer.status_code for answer in answers_of(client, at_once, "/login", sent)]


def answers_of(client, at_once, path, sent):
    """Return the response to each of these payloads; no more than `MOST` are sent at once."""
    batches = [sent[start : start + MOST] for start in range(0, len(sent), MOST)]
    return [
        answer
        for batch in batches
        for answer in at_once(len(batch), lambda number, batch=batch: client.post(path, json=batch[number]))
    ]


def parts_of(text):
    """Return the memory, passes, lanes, salt and digest of an argon2id hash; nothing of any other text."""
    found = PHC.fullmatch(text)
    if found is None:
        return None
    memory, passes, lanes, *encoded = found.groups()
    salt, digest = (b64decode(one + "=" * (-len(one) % 4)) for one in encoded)
    return int(memory), int(passes), int(lanes), salt, digest


def is_strong(text):
    """Return whether this is an argon2id hash with parameters and lengths that are enough."""
    parts = parts_of(text)
    return (
        parts is not None
        and any(parts[0] >= memory and parts[1] >= passes for memory, passes in OWASP)
        and parts[0] <= MOST_MEMORY
        and len(parts[3]) >= 16
        and len(parts[4]) >= 32
    )


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def widen(text):
    """Return the text in full-width letters, whose NFKC form it is."""
    return text.translate({code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)})


def problem_of(response):
    """Return the status, the type of the body, and what it has of the members of problem details."""
    body = response.json()
    texts = [name for name in TEXTS if type(body.get(name)) is str]
    return response.status_code, media_type(response), body.get("status"), texts


def problem(status):
    """Return what a response with problem details has."""
    return status, PROBLEM, status, TEXTS


def outcome(response):
    """Return what became of a new password, and the rules that are broken."""
    return *problem_of(response), response.json().get("broken")


TEXTS = ["type", "title", "detail"]
ACCEPTED = (201, JSON, None, [], None)
AFTER = {201: 200, 422: 401}
"""The status of a login after that of a registration."""


def broken(*rules):
    """Return the outcome for a password that breaks these rules."""
    return *problem(422), list(rules)


@pytest.mark.parametrize("length", [3, 20])
def test_a_user_registers_and_logs_in(client, values, length):
    name = "".join(values.choices("abcdefghijklmnopqrstuvwxyz0123456789_", k=length))
    user = {"username": name, "password": f"  {password_from(values)}  "}
    other = register(client, values)
    registered = client.post("/register", json=user)

    response = client.post("/login", json=user)

    assert (registered.status_code, media_type(registered)) == (201, JSON)
    assert (response.status_code, media_type(response)) == (200, JSON)
    user_id = response.json()["id"]
    assert type(user_id) is int
    assert response.json() == {"id": user_id, "username": name}
    assert registered.json() == response.json()
    assert log_in(client, other).raise_for_status().json()["id"] != user_id


def test_accounts_outlive_a_restart(launch, values, stored):
    server = launch(DATABASE_URL="sqlite:///other.db")
    user = register(server.client, values)
    before = log_in(server.client, user).raise_for_status().json()

    server.restart(warm=True)

    assert log_in(server.client, user).json() == before
    assert [name for name in server.files.names() if name.endswith(".db")] == ["other.db"]
    assert list(stored(server, "other.db")) == [user["username"]]


@pytest.mark.parametrize("made_by", ["/register", "/password"])
def test_a_stored_password_is_an_argon2id_hash(launch, values, stored, made_by):
    server = launch()
    user = register(server.client, values)
    steps = {
        "/register": lambda: user,
        "/password": lambda: change(server.client, user, password_from(values)),
    }

    user = steps[made_by]()

    hashes = stored(server)
    assert list(hashes) == [user["username"]]
    assert is_strong(hashes[user["username"]]), hashes
    assert log_in(server.client, user).status_code == 200


def test_equal_passwords_have_different_salts(launch, values, stored):
    server = launch()
    first = register(server.client, values)
    others = [register(server.client, values, password=first["password"]) for _ in range(2)]
    before = stored(server)
    there = change(server.client, first, password_from(values))

    back = change(server.client, there, first["password"])

    hashes = [*before.values(), stored(server)[first["username"]]]
    salts, digests = zip(*(parts_of(one)[3:] for one in hashes), strict=True)
    assert (len(set(salts)), len(set(digests))) == (4, 4)
    assert log_in(server.client, back).status_code == 200
    assert log_in(server.client, others[1]).status_code == 200


def test_no_password_is_stored_as_it_is(launch, values):
    old, new, older = (password_from(values) for _ in range(3))
    server = launch(files=shop_with(ada=pbkdf2(older, "Pfeffer", 1000)))
    user = register(server.client, values, password=old)
    log_in(server.client, {"username": "ada", "password": older}).raise_for_status()

    user = change(server.client, user, new)

    assert log_in(server.client, user).status_code == 200
    files = {name: server.files.read(name) for name in server.files.names()}
    assert user["username"].encode() in b"".join(files.values())
    forms = {
        form
        for password in (old, new, older)
        for raw in (password.encode(),)
        for form in (
            raw,
            raw[::-1],
            b64encode(raw).rstrip(b"="),
            raw.hex().encode(),
            *(digest(raw).hexdigest().encode() for digest in (md5, sha1, sha256)),
            b64encode(sha256(raw).digest()).rstrip(b"="),
        )
    }
    assert [(name, form) for name, content in files.items() for form in forms if form in content] == []


RIGHT = f" Knitting by night, caf\u00e9 {'x' * 40}{KEY}{'y' * 59} z "


WRONG = {
    "another letter after byte 72": RIGHT.replace("yyz", "yyY").replace("y z ", "Y z "),
    "another letter at the end": RIGHT.replace("z ", "Z "),
    "another letter case": RIGHT.replace("Knitting", "knitting"),
    "without the blank before": RIGHT[1:],
    "without the blank behind": RIGHT[:-1],
    "two blanks for one": RIGHT.replace(", ", ",  "),
    "another accent": RIGHT.replace("\u00e9", "e"),
    "the first 72 characters": RIGHT[:72],
    "the first 127 characters": RIGHT[:127],
    "one character more": f"{RIGHT}x",
    "a NUL behind": f"{RIGHT}\0",
    "a NUL inside": RIGHT.replace(" by", "\0by"),
    "nothing": "",
}


def test_every_character_of_a_password_counts(client, values, at_once):
    user = register(client, values, password=RIGHT)

    statuses = statuses_of(client, at_once, [user | {"password": wrong} for wrong in WRONG.values()])

    assert dict(zip(WRONG, statuses, strict=True)) == dict.fromkeys(WRONG, 401)
    assert len(RIGHT) == 128
    assert log_in(client, user).status_code == 200


TYPED = "caf\u00e9, \ufb01sh and \uff4bey \ud55c\uad6d\uc5b4"


FORMS = {
    "as it is": TYPED,
    "NFC": unicodedata.normalize("NFC", TYPED),
    "NFD": unicodedata.normalize("NFD", TYPED),
    "NFKC": unicodedata.normalize("NFKC", TYPED),
    "NFKD": unicodedata.normalize("NFKD", TYPED),
    "no-break spaces": TYPED.replace(" ", "\u00a0"),
    "ideographic spaces": TYPED.replace(" ", "\u3000"),
}


WAYS = {
    "/register": lambda client, values, password: register(client, values, password=password),
    "/password": lambda client, values, password: change(client, register(client, values), password),
}


@pytest.mark.parametrize(
    ("way", "stored_as"), [("/register", "as it is"), ("/register", "NFKD"), ("/password", "NFD")]
)
def test_equivalent_characters_are_the_same(client, values, at_once, way, stored_as):
    user = WAYS[way](client, values, FORMS[stored_as])
    sent = [user | {"password": form} for form in FORMS.values()]

    statuses = statuses_of(client, at_once, sent)

    assert dict(zip(FORMS, statuses, strict=True)) == dict.fromkeys(FORMS, 200)
    assert client.post("/password", json=change_for(user, "x", old_password=FORMS["NFC"])).status_code == 422


REQUESTS = {
    "/login": lambda user: user,
    "/password": lambda user: change_for(user, "some other password"),
}
GUESSES = {
    "wrong": lambda values, user: user | {"password": password_from(values)},
    "unknown": lambda values, user: user | {"username": name_from(values)},
    "in capitals": lambda _, user: user | {"username": user["username"].upper()},
    "no possible name": lambda _, user: user | {"username": "Nobody!\0"},
}


@pytest.mark.parametrize("path", REQUESTS)
def test_every_401_has_a_challenge(client, values, at_once, path):
    user = register(client, values)
    sent = [REQUESTS[path](guess(values, user)) for guess in GUESSES.values()]

    answers = at_once(len(sent), lambda number: client.post(path, json=sent[number]))

    assert [problem_of(answer) for answer in answers] == [problem(401)] * len(sent)
    challenges = [answer.headers.get_list("WWW-Authenticate") for answer in answers]
    assert [len(ones) for ones in challenges] == [1] * len(sent)
    assert [one for (one,) in challenges if not CHALLENGE.fullmatch(one)] == []


@pytest.mark.parametrize("path", REQUESTS)
def test_an_unknown_user_and_a_wrong_password_look_alike(launch, values, at_once, path):
    hashes = {
        "ada": ARGON2["strong"],
        "bob": BCRYPT["2y"][1],
        "cyd": "!",
        "dan": PBKDF2["1000 iterations"][1],
        **{name: UNREADABLE[name] for name in ("half of Argon2", "no iterations of PBKDF2")},
    }
    client = launch(files=shop_with(**hashes, long=BCRYPT["2y"][1])).client
    guesses = {name: password_from(values) for name in ("eve", *hashes)} | {"long": EURO * 25}
    names = list(guesses)
    sent = [REQUESTS[path]({"username": name, "password": guesses[name]}) for name in names]

    answers = answers_of(client, at_once, path, sent)

    assert [answer.status_code for answer in answers] == [401] * 8
    shown = {
        name: (answer.content, {one: text for one, text in answer.headers.items() if one.lower() != "date"})
        for name, answer in zip(names, answers, strict=True)
    }
    assert shown == dict.fromkeys(names, shown["eve"])
    assert log_in(client, {"username": "ada", "password": BOATS}).status_code == 200


@pytest.mark.parametrize(
    ("path", "old"), [("/login", ["bcrypt", "pbkdf2"]), ("/password", ["long", "pbkdf2"])]
)
def test_an_unknown_user_and_a_wrong_password_cost_the_same(launch, values, path, old):
    hashed = BCRYPT["2y"][1]
    server = launch(files=shop_with(bcrypt=hashed, long=hashed, pbkdf2=PBKDF2["1000 iterations"][1]))
    names = [register(server.client, values)["username"], name_from(values), *old]
    passwords = {"long": EURO * 25}
    guesses = [{"username": one, "password": passwords.get(one, password_from(values))} for one in names]
    turns = [
        [
            server.cpu_seconds(
                lambda guess=guess: server.client.post(path, json=REQUESTS[path](guess)), rounds=1
            )
            for guess in guesses
        ]
        for _ in range(5)
    ]
    cheap = server.cpu_seconds(lambda: server.client.post("/login", json={}))

    costs = [min(ones) for ones in zip(*turns, strict=True)]

    assert max(costs) < 2 * min(costs), dict(zip(names, costs, strict=True))
    assert min(costs) > 3 * cheap, "A login hashes nothing."


def test_old_bcrypt_hashes_are_accepted(launch, at_once):
    client = launch(files=shop_with(**{name: hashed for name, (_, hashed) in BCRYPT.items()})).client
    sent = [{"username": name, "password": password} for name, (password, _) in BCRYPT.items()]

    answers = at_once(MOST, lambda number: client.post("/login", json=sent[number]))

    assert [answer.status_code for answer in answers] == [200] * MOST
    ids = (11, 21, 31, 41)
    expected = [{"id": user_id, "username": name} for user_id, name in zip(ids, BCRYPT, strict=True)]
    assert [answer.json() for answer in answers] == expected


def test_old_pbkdf2_hashes_are_accepted(launch, values, at_once):
    password, salt, many = (
        password_from(values),
        f"{values.getrandbits(80):x}/\u00e9=",
        values.randint(500, 1500),
    )
    cases = PBKDF2 | {"any iterations": (password, pbkdf2(password, salt, many))}
    client = launch(files=shop_with(**{name: hashed for name, (_, hashed) in cases.items()})).client
    sent = [{"username": name, "password": password} for name, (password, _) in cases.items()]

    answers = at_once(len(sent), lambda number: client.post("/login", json=sent[number]))

    assert [answer.status_code for answer in answers] == [200] * len(sent)
    ids = (11, 21, 31)
    expected = [{"id": user_id, "username": name} for user_id, name in zip(ids, cases, strict=True)]
    assert [answer.json() for answer in answers] == expected


TOO_MUCH = {
    "bcrypt": (BCRYPT["2y"][1], "knitting by nights"),
    "bcrypt, nothing": (BCRYPT["2y"][1], ""),
    "bcrypt, the hash itself": (BCRYPT["2y"][1], BCRYPT["2y"][1]),
    "bcrypt, 73 letters": (LETTERS_72, "a" * 73),
    "bcrypt, 75 bytes": (BCRYPT["2y, 72 bytes"][1], EURO * 25),
    "bcrypt, 72 characters": (BCRYPT["2y, 72 bytes"][1], EURO * 72),
    "PBKDF2": (PBKDF2["1000 iterations"][1], "winter is long here."),
    "PBKDF2, nothing": (PBKDF2["1000 iterations"][1], ""),
    "PBKDF2, the hash itself": (PBKDF2["1000 iterations"][1], PBKDF2["1000 iterations"][1]),
    "Argon2": (ARGON2["less memory"], "nine small boat"),
}


def test_a_wrong_password_fits_no_old_hash(launch, at_once, stored):
    before = {name: hashed for name, (hashed, _) in TOO_MUCH.items()} | {"good": ARGON2["strong"]}
    server = launch(files=shop_with(**before))

    statuses = log_in_all(server.client, at_once, {name: wrong for name, (_, wrong) in TOO_MUCH.items()})

    assert statuses == dict.fromkeys(TOO_MUCH, 401)
    assert stored(server) == before
    assert log_in(server.client, {"username": "good", "password": BOATS}).status_code == 200


UNREADABLE = {
    "empty": "",
    "locked": "!",
    "the password": BOATS,
    "MD5": md5(BOATS.encode(), usedforsecurity=False).hexdigest(),
    "half of bcrypt": BCRYPT["2y"][1][:40],
    "not the letters of bcrypt": "$2b$04$" + "+" * 53,
    "PBKDF2 without iterations": pbkdf2(BOATS, "salt", 1).replace("$1$", "$x$"),
    "no iterations of PBKDF2": pbkdf2(BOATS, "salt", 1).replace("$1$", "$0$"),
    "PBKDF2 without a hash": "pbkdf2_sha256$1000$salt",
    "PBKDF2 with an empty hash": "pbkdf2_sha256$1000$salt$",
    "half of PBKDF2": pbkdf2(BOATS, "salt", 1)[:-24],
    "another PBKDF2": pbkdf2(BOATS, "salt", 1).replace("sha256", "sha512"),
    "PBKDF2 without Base64": "pbkdf2_sha256$1000$salt$\u00e9!",
    "half of Argon2": ARGON2["strong"][:40],
    "Argon2 without Base64": ARGON2["strong"][:-3] + "\u00e9!?",
    "no parameters of Argon2": ARGON2["strong"].replace("m=19456", "m=x"),
}


def test_an_unreadable_hash_fits_no_password(launch, at_once, stored):
    before = UNREADABLE | {"good": ARGON2["strong"]}
    server = launch(files=shop_with(**before))

    statuses = log_in_all(server.client, at_once, dict.fromkeys(UNREADABLE, BOATS))

    assert statuses == dict.fromkeys(UNREADABLE, 401)
    assert stored(server) == before
    assert log_in(server.client, {"username": "good", "password": BOATS}).status_code == 200


OLD = {
    "bcrypt": BCRYPT["2a"],
    "bcrypt, cost 10": ("lanterns at dusk", "$2y$10$Wb3kXq8RtYpLn5vCz1MhEuXctSf9Qq62Kmy.6mNIAnrOeZct9y2em"),
    "PBKDF2": PBKDF2["2500 iterations"],
    "PBKDF2, 600000": (BOATS, "pbkdf2_sha256$600000$q8LmXz2Rv$VPOkFgJfXe85/MW+9JvRvqoNMu/v1qiMjw30KPKU50k="),
    "Argon2, decomposed": (SENT, SENT_ARGON2),
    **{name: (BOATS, hashed) for name, hashed in ARGON2.items()},
}


def test_an_old_hash_is_replaced_at_the_login(launch, at_once, stored):
    before = {name: hashed for name, (_, hashed) in OLD.items()} | {"another": BCRYPT["2b"][1]}
    server = launch(files=shop_with(**before))
    users = {name: password for name, (password, _) in OLD.items()}

    statuses = log_in_all(server.client, at_once, users)

    assert statuses == dict.fromkeys(OLD, 200)
    after = stored(server)
    assert {name: after[name] for name in OLD if not is_strong(after[name])} == {}
    assert after == before | {name: after[name] for name in OLD}
    assert log_in_all(server.client, at_once, users) == statuses


def test_a_hash_of_today_stays(launch, values, at_once, stored):
    server = launch(files=shop_with(bcrypt=BCRYPT["2b"][1]))
    old = {"username": "bcrypt", "password": BCRYPT["2b"][0]}
    user = register(server.client, values)
    log_in(server.client, old).raise_for_status()
    before = stored(server)

    statuses = statuses_of(server.client, at_once, [user, old])

    assert statuses == [200, 200]
    assert stored(server) == before


def test_an_old_hash_is_of_the_password_as_it_was_sent(launch, at_once):
    hashes = {" Jose\u0301  \ufb01 ": SENT_HASH, "Jos\u00e9": pbkdf2(SENT, "salt", 1000)}
    client = launch(files=shop_with(**hashes)).client
    users = dict.fromkeys(hashes, SENT)

    statuses = log_in_all(client, at_once, users)

    assert statuses == dict.fromkeys(users, 200)
    others = dict.fromkeys(users, unicodedata.normalize("NFKC", SENT))
    assert log_in_all(client, at_once, others) == statuses
    assert log_in_all(client, at_once, users) == statuses


@pytest.mark.parametrize("way", ["a login", "a change"])
def test_an_old_password_need_not_keep_the_policy(launch, values, at_once, way):
    olds = {"short": "x", "long": "y" * 300, "password": "password"}
    hashes = {name: pbkdf2(old, "salt", 1000) for name, old in olds.items()}
    client = launch(files=shop_with(**hashes), **{SPECIAL: "1"}).client
    users = [{"username": name, "password": old} for name, old in olds.items()]
    path, make, expected = {
        "a login": ("/login", dict, 200),
        "a change": ("/password", lambda user: change_for(user, password_from(values)), 204),
    }[way]
    sent = [make(user) for user in users]

    answers = at_once(3, lambda number: client.post(path, json=sent[number]))

    assert [answer.status_code for answer in answers] == [expected] * 3


LENGTHS = {
    "15 letters": ("p" * 14 + "q", ACCEPTED),
    "14 letters": ("p" * 13 + "q", broken("min_length")),
    "14 of many bytes": (KEY * 14, broken("min_length")),
    "15 decomposed": ("e\u0301" * 15, ACCEPTED),
    "14 decomposed": ("e\u0301" * 14, broken("min_length")),
    "8 with a mark each": ("x\u0302" * 8, ACCEPTED),
    "one that is 18": ("\ufdfa", ACCEPTED),
    "129 letters": ("p" * 128 + "q", broken("max_length")),
    "128 of many bytes": (KEY * 128, ACCEPTED),
    "128 decomposed": ("e\u0301" * 128, ACCEPTED),
    "8 that are 144": ("\ufdfa" * 8, broken("max_length")),
    "10,000 letters": ("p" * 10_000, broken("max_length")),
    "nothing": ("", broken("min_length")),
}


@pytest.mark.parametrize(("password", "expected"), LENGTHS.values(), ids=LENGTHS)
def test_a_password_has_15_to_128_characters(client, values, password, expected):
    user = {"username": name_from(values), "password": password}

    response = client.post("/register", json=user)

    assert outcome(response) == expected
    assert log_in(client, user).status_code == AFTER[expected[0]]


@pytest.mark.parametrize("least", [8, 128])
def test_the_least_length_is_a_setting(launch, values, least):
    client = launch(PASSWORD_MIN_LENGTH=str(least)).client
    right, other = ("".join(values.choices("bcdfghjklmnp", k=least)) for _ in range(2))
    user = {"username": "ada", "password": right}
    short = client.post("/register", json=user | {"password": right[1:]})

    response = client.post("/register", json=user)

    assert outcome(short) == broken("min_length")
    assert outcome(response) == ACCEPTED
    assert outcome(client.post("/password", json=change_for(user, other[1:]))) == broken("min_length")
    assert client.post("/password", json=change_for(user, other)).status_code == 204


@pytest.mark.parametrize(
    ("change_text", "expected"),
    [
        pytest.param(lambda text: text, broken("common"), id="as it is"),
        pytest.param(str.upper, broken("common"), id="in capitals"),
        pytest.param(str.title, broken("common"), id="some capitals"),
        pytest.param(
            widen,
            broken("common"),
            id="full width",
        ),
        pytest.param(
            lambda _: (
                "\u0439\u0446\u0443\u043a\u0435\u043d\u0433\u0448\u0449\u0437\u0445\u044a\u0444\u044b\u0432\u0430\u043f\u0440\u043e\u043b\u0434\u0436\u044d"
            ),
            broken("common"),
            id="in Cyrillic letters",
        ),
        pytest.param(
            lambda _: (
                "\u0419\u0426\u0423\u041a\u0415\u041d\u0413\u0428\u0429\u0417\u0425\u042a\u0424\u042b\u0412\u0410\u041f\u0420\u041e\u041b\u0414\u0416\u042d"
            ),
            broken("common"),
            id="in Cyrillic capitals",
        ),
        pytest.param(lambda _: "Correct horse battery staple", broken("common"), id="of several words"),
        pytest.param(lambda text: f"{text}, of mine", ACCEPTED, id="and more"),
        pytest.param(lambda text: f"my {text}", ACCEPTED, id="within another"),
    ],
)
def test_a_common_password_is_refused(client, values, change_text, expected):
    common = values.choice([one for one in COMMON if len(one) >= 15 and one.isascii()])
    user = {"username": name_from(values), "password": change_text(common)}

    response = client.post("/register", json=user)

    assert outcome(response) == expected
    assert log_in(client, user).status_code == AFTER[expected[0]]


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        pytest.param("{}", broken("username"), id="the name"),
        pytest.param("{upper}", broken("username"), id="in capitals"),
        pytest.param("{wide}", broken("username"), id="full width"),
        pytest.param("{}!", ACCEPTED, id="and more"),
        pytest.param("a {}", ACCEPTED, id="within another"),
    ],
)
def test_the_user_name_is_no_password(client, values, password, expected):
    name = f"user_{values.randrange(10**14, 10**15)}"
    user = {"username": name, "password": password.format(name, upper=name.upper(), wide=widen(name))}

    response = client.post("/register", json=user)

    assert outcome(response) == expected
    assert log_in(client, user).status_code == AFTER[expected[0]]


LETTERS = {
    "letters": ("justlettersandmore", False),
    "digits": ("lettersand12345678", False),
    "capitals": ("JustLettersAndMore", False),
    "other scripts": (
        "\u0437\u0438\u043c\u0430\u65e5\u672c\u8a9e\u00e9\u00df\u03b1\u05d0\u0663abcdef\u2121",
        False,
    ),
    "a blank": ("just letters and more", True),
    "a stop": ("justlettersandmore.", True),
    "an emoji": (f"justlettersand{KEY}", True),
    "an underscore": ("just_letters_and", True),
    "a euro sign": (f"justlettersand{EURO}", True),
}


NEITHER = {name: text for name, (text, special) in LETTERS.items() if not special}
EITHER = {name: text for name, (text, special) in LETTERS.items() if not special}
DEMANDS = [
    *(pytest.param({}, name, ACCEPTED, id=f"by default, {name}") for name in NEITHER),
    pytest.param({"PASSWORD_REQUIRE_SPECIAL": "0"}, "letters", ACCEPTED, id="off"),
    *(
        pytest.param(
            {"PASSWORD_REQUIRE_SPECIAL": "1"},
            name,
            ACCEPTED if special else broken("special"),
            id=f"on, {name}",
        )
        for name, (_, special) in LETTERS.items()
    ),
]


EITHER = {name: text for name, (text, special) in LETTERS.items() if special}


@pytest.mark.parametrize(
    ("settings", "text", "expected"),
    [
        pytest.param({}, NEITHER["letters"], ACCEPTED, id="by default, letters"),
        pytest.param({}, NEITHER["digits"], ACCEPTED, id="by default, digits"),
        pytest.param({SPECIAL: "0"}, NEITHER["letters"], ACCEPTED, id="off, letters"),
        *(
            pytest.param({SPECIAL: "1"}, text, broken("special"), id=f"on, {name}")
            for name, text in NEITHER.items()
        ),
        *(pytest.param({SPECIAL: "1"}, text, ACCEPTED, id=f"on, {name}") for name, text in EITHER.items()),
    ],
)
def test_a_special_character_is_required_only_on_demand(launch, settings, text, expected):
    client = launch(**settings).client

    response = client.post("/register", json={"username": "ada", "password": text})

    assert outcome(response) == expected


OLDER = {"username": "Jos\u00e9\uff2cuisRuizD\u00edaz", "password": BCRYPT["2a"][0]}
"""An older customer, whose name no new user can have."""
NAMES = {"Mallory_123": "mallory_123", "passwordpassword": "passwordpassword"}
BROKEN = {
    "short and common": ("Password", ["min_length", "common", "special"]),
    "short and the name": ("Mallory_123", ["min_length", "username", "special"][:2]),
    "short": ("x", ["min_length", "special"]),
    "short, with a blank": ("x y", ["min_length"]),
    "long": ("x" * 129, ["max_length", "special"]),
    "common": ("qwertyuiopasdfgh", ["common", "special"]),
    "all of a common name": ("passwordpassword", ["common", "username", "special"]),
}


@pytest.mark.parametrize(
    ("path", "payload", "rules"),
    [
        *(
            pytest.param(
                "/register", {"username": NAMES.get(password, "ada"), "password": password}, rules, id=name
            )
            for name, (password, rules) in BROKEN.items()
        ),
        pytest.param(
            "/password",
            change_for(OLDER, "JOS\u00c9LUISRUIZD\u00cdAZ"),
            ["username", "special"],
            id="the name of an older customer",
        ),
    ],
)
def test_every_broken_rule_is_named_and_no_other(launch, stored, path, payload, rules):
    before = {OLDER["username"]: BCRYPT["2a"][1]}
    server = launch(files=shop_with(**before), **{SPECIAL: "1"})

    response = server.client.post(path, json=payload)

    assert outcome(response) == broken(*rules)
    assert stored(server) == before


@pytest.mark.parametrize("hashed", [ARGON2["strong"], PBKDF2["1000 iterations"][1]], ids=["Argon2", "PBKDF2"])
def test_a_new_password_needs_the_old_one(launch, values, stored, hashed):
    olds = {ARGON2["strong"]: BOATS, PBKDF2["1000 iterations"][1]: PBKDF2["1000 iterations"][0]}
    server = launch(files=shop_with(bob=hashed, ada=hashed, eve=hashed))
    user, new = {"username": "ada", "password": olds[hashed]}, password_from(values)
    sent = change_for(user, new)
    refused = server.client.post("/password", json=sent | {"old_password": new})
    before = stored(server)

    response = server.client.post("/password", json=sent)

    assert (refused.status_code, response.status_code) == (401, 204)
    assert before == dict.fromkeys(("bob", "ada", "eve"), hashed)
    assert response.content == b""
    after = stored(server)
    assert after == before | {"ada": after["ada"]}
    assert is_strong(after["ada"]), after["ada"]
    assert log_in(server.client, user).status_code == 401
    assert log_in(server.client, user, password=new).json() == {"id": 21, "username": "ada"}


@pytest.mark.parametrize(
    ("new", "rules"),
    [
        pytest.param("p" * 13 + "q", ["min_length"], id="short"),
        pytest.param("p" * 128 + "q", ["max_length"], id="long"),
        pytest.param("Passwordpassword", ["common"], id="common"),
        pytest.param("{upper}", ["username"], id="the name"),
        pytest.param("PASSWORD", ["min_length", "common"], id="short and common"),
    ],
)
def test_a_new_password_keeps_the_policy(client, values, new, rules):
    name = f"user_{values.randrange(10**14, 10**15)}"
    user = register(client, values, username=name)
    sent = change_for(user, new.format(upper=name.upper()))

    response = client.post("/password", json=sent)

    assert outcome(response) == broken(*rules)
    assert log_in(client, user).status_code == 200


@pytest.mark.parametrize(
    ("hashed", "changes", "logins"),
    [
        pytest.param(ARGON2["strong"], 2, 0, id="two changes"),
        pytest.param(ARGON2["less memory"], 1, 3, id="a change and three logins"),
    ],
)
def test_what_happens_at_once_undoes_no_change(launch, values, race, at_once, hashed, changes, logins):
    client = launch(files=shop_with(ada=hashed)).client
    user, news = {"username": "ada", "password": BOATS}, [password_from(values) for _ in range(changes)]
    requests = [*(("/password", change_for(user, new)) for new in news), *[("/login", user)] * logins]

    answers = race(
        changes + logins, lambda number: client.post(requests[number][0], json=requests[number][1])
    )

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses[:changes]) == [204, *[401] * (changes - 1)]
    assert set(statuses[changes:]) <= {200, 401}
    after = statuses_of(client, at_once, [user | {"password": new} for new in news])
    assert after == [{204: 200}.get(one, one) for one in statuses[:changes]]
    assert log_in(client, user).status_code == 401


def test_a_taken_user_name_is_409(client, values, race):
    user = register(client, values)
    other = {"username": user["username"], "password": password_from(values)}
    name = name_from(values)
    rivals = [{"username": name, "password": password_from(values)} for _ in range(2)]
    answers = race(2, lambda number: client.post("/register", json=rivals[number]))

    response = client.post("/register", json=other)

    assert problem_of(response) == problem(409)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert log_in(client, other).status_code == 401
    assert log_in(client, user).status_code == 200


GOOD = "all of this is good"
INVALID = {
    "no JSON": ("/register", b"{"),
    "no object": ("/register", b"[]"),
    "no name": ("/register", json.dumps({"password": GOOD})),
    "a short name": ("/register", json.dumps({"username": "ab", "password": GOOD})),
    "a long name": ("/register", json.dumps({"username": "a" * 21, "password": GOOD})),
    "a name with a blank": ("/register", json.dumps({"username": "ada l", "password": GOOD})),
    "a name with a line break": ("/register", json.dumps({"username": "ada\n", "password": GOOD})),
    "a name in capitals": ("/register", json.dumps({"username": "ADA", "password": GOOD})),
    "a name with an accent": ("/register", json.dumps({"username": "ad\u00e9", "password": GOOD})),
    "a name in other digits": ("/register", json.dumps({"username": "\u0661\u0662\u0663", "password": GOOD})),
    "a name with a hyphen": ("/register", json.dumps({"username": "ada-l", "password": GOOD})),
    "no password": ("/register", json.dumps({"username": "ada"})),
    "a number as password": ("/register", json.dumps({"username": "ada", "password": 123456789012345})),
    "null as password": ("/register", json.dumps({"username": "ada", "password": None})),
    "half of a pair": ("/register", b'{"username": "ada", "password": "\\ud83d and much more"}'),
    "a number as password, login": ("/login", json.dumps({"username": "ada", "password": 123456789012345})),
    "a number as name, login": ("/login", json.dumps({"username": 1234, "password": GOOD})),
    "a number as name, change": (
        "/password",
        json.dumps({"username": 1234, "old_password": BOATS, "new_password": GOOD}),
    ),
    "no password, login": ("/login", json.dumps({"username": "ada"})),
    "half of a pair as name, login": ("/login", b'{"username": "\\ud83d", "password": "any"}'),
    "half of a pair as name, change": (
        "/password",
        b'{"username": "\\ud83d", "old_password": "nine small boats", "new_password": "all of this is good"}',
    ),
    "half of a pair, old": (
        "/password",
        b'{"username": "ada", "old_password": "\\ud83d", "new_password": "all of this is good"}',
    ),
    "a list as password, login": ("/login", json.dumps({"username": "ada", "password": [GOOD]})),
    "half of a pair, login": ("/login", b'{"username": "ada", "password": "\\ud83d and much more"}'),
    "no old password": ("/password", json.dumps({"username": "ada", "new_password": GOOD})),
    "no new password": ("/password", json.dumps({"username": "ada", "old_password": BOATS})),
    "null as new password": (
        "/password",
        json.dumps({"username": "ada", "old_password": BOATS, "new_password": None}),
    ),
    "half of a pair, new": (
        "/password",
        b'{"username": "ada", "old_password": "nine small boats", "new_password": "\\ud83d and much more"}',
    ),
}


def test_an_invalid_payload_is_422(client, values, at_once):
    user = register(client, values)
    requests = list(INVALID.values())

    answers = at_once(
        len(requests),
        lambda number: client.post(
            requests[number][0], content=requests[number][1], headers={"Content-Type": JSON}
        ),
    )

    outcomes = dict(zip(INVALID, map(outcome, answers), strict=True))
    assert outcomes == dict.fromkeys(INVALID, (*problem(422), None))
    assert log_in(client, user).status_code == 200
    assert log_in(client, {"username": "ada", "password": GOOD}).status_code == 401


def test_no_password_and_no_hash_is_shown(launch, values, stored, at_once):
    server = launch(files=shop_with(ada=BCRYPT["2y"][1], eve="md5$5f4dcc3b"), UVICORN_LOG_LEVEL="info")
    first, new, wrong = (password_from(values) for _ in range(3))
    user = {"username": "bob", "password": first}
    register(server.client, values, **user)
    requests = [
        ("/register", user),
        ("/register", {"username": "eva", "password": wrong[:14]}),
        ("/register", {"username": "Eva", "password": wrong}),
        ("/register", {"username": "eva", "password": [wrong]}),
        ("/login", user),
        ("/login", user | {"password": wrong}),
        ("/login", {"username": "ada", "password": wrong}),
        ("/login", {"username": "eve", "password": wrong}),
        ("/login", {"username": "ada", "password": BCRYPT["2y"][0]}),
        ("/password", change_for(user, "short!")),
        ("/password", change_for(user, new, old_password=wrong)),
    ]
    groups = [requests[start : start + 4] for start in range(0, len(requests), 4)]
    answers = [
        *at_once(4, lambda number: server.client.post(groups[0][number][0], json=groups[0][number][1])),
        *at_once(4, lambda number: server.client.post(groups[1][number][0], json=groups[1][number][1])),
        *at_once(3, lambda number: server.client.post(groups[2][number][0], json=groups[2][number][1])),
    ]
    hashes = stored(server)

    response = server.client.post("/password", json=change_for(user, new))

    assert response.status_code == 204
    others = [name for name in server.files.names() if not name.startswith("shop.db")]
    shown = "\n".join(
        [
            *(f"{answer.headers}\n{answer.text}" for answer in (*answers, response)),
            server.client.get("/openapi.json").text,
            server.log,
            *(server.files.read(name).decode(errors="replace") for name in others),
        ]
    )
    texts = [first, new, wrong, wrong[:14], "short!", BCRYPT["2y"][0], BCRYPT["2y"][1], "5f4dcc3b"]
    texts += [part for one in (hashes, stored(server)) for part in one["bob"].split("$")[-2:]]
    texts += [hashes["ada"].rpartition("$")[2]]
    assert [text for text in texts if text in shown] == []
    assert [found[0] for found in PHC.finditer(server.log)] == []
    assert "POST /password" in server.log
