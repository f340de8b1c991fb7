"""The acceptance tests of exercise 1: one for each criterion of the ticket."""

import json
import re
from uuid import UUID

import pytest

JSON = {"Content-Type": "application/json"}
QUALIFIED, UNQUALIFIED = "Qualified", "Unqualified"
TEXTS = ("first_name", "last_name", "company_name", "role")
FIELDS = (*TEXTS, "email", "company_size")
FREE_MAIL_DOMAINS = ("gmail.com", "yahoo.com", "outlook.com")
BROKEN_RULES = [
    pytest.param(["company_size"], id="size"),
    pytest.param(["role"], id="role"),
    pytest.param(["email"], id="email"),
    pytest.param(["company_size", "role"], id="size and role"),
    pytest.param(["company_size", "email"], id="size and email"),
    pytest.param(["role", "email"], id="role and email"),
    pytest.param(["company_size", "role", "email"], id="all three"),
]


def post(client, payload):
    """Send a payload, as JSON that may hold what JSON does not know (NaN)."""
    return client.post("/leads", content=json.dumps(payload), headers=JSON)


def submit(client, lead):
    """Submit a lead and return the verdict; a test that fails here shows the response."""
    return post(client, lead).raise_for_status().json()


def same_address(email):
    """Write an address in the one of its spellings that all right apps share."""
    local_part, _, domain = email.strip(" ").rpartition("@")
    return f"{local_part}@{domain.lower().replace('xn--bcher-kva', 'bücher')}"


def types_in(notes):
    """Return the type of each note, or the notes themselves if they are not an array."""
    return [type(note).__name__ for note in notes] if isinstance(notes, list) else notes


def named_in(note, words):
    """Return those of the words that the note names as a whole, in any letter case and with any white space."""
    line = " ".join(note.split())
    return [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line, re.IGNORECASE)]


@pytest.fixture
def lead(values):
    """Return a lead that keeps every rule by far."""
    return {
        "first_name": values.text(1),
        "last_name": values.text(1),
        "email": values.email(),
        "company_name": values.text(),
        "company_size": values.randint(10**5, 10**6),
        "role": values.choice(["CEO", "CTO", "Founder", "VP of Engineering"]),
    }


@pytest.fixture
def wrong(values):
    """Return what breaks each rule; the size differs from numbers that a note may hold for another reason."""
    return {
        "company_size": values.randint(5, 9),
        "role": f"R&D <interim> Gesch\u00e4ftsf\u00fchrer {values.text(20)}",
        "email": values.email().replace("example.com", values.choice(FREE_MAIL_DOMAINS)),
    }


def test_a_qualified_lead_gets_201_null_for_notes_and_the_lead(client):
    lead = {
        "first_name": "Ada",
        "last_name": "Okafor",
        "email": "ada@example.com",
        "company_name": "Okafor",
        "company_size": 11,
        "role": "CTO",
    }

    response = client.post("/leads", json=lead)

    assert response.status_code == 201
    assert response.headers["content-type"].split(";")[0] == "application/json"
    verdict = response.json()
    made = {"lead_id": verdict["lead_id"]}
    assert verdict == {**made, "status": QUALIFIED, "qualification_notes": None, "lead": lead}


def test_an_unqualified_lead_gets_201_too_with_notes_and_the_lead(client, lead, wrong):
    sent = {**lead, "company_size": wrong["company_size"]}

    response = client.post("/leads", json=sent)

    assert response.status_code == 201
    verdict = response.json()
    made = {name: verdict[name] for name in ("lead_id", "qualification_notes")}
    assert verdict == {**made, "status": UNQUALIFIED, "lead": sent}


def test_a_text_comes_back_exactly_as_it_was_sent(client, lead, kept_text):
    sent = {**lead, **dict.fromkeys(TEXTS, kept_text)}

    verdict = submit(client, sent)

    assert verdict["lead"] == sent


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("Zoe.X+Leads@example.com", id="capitals and a tag"),
        pytest.param("ada@Example.COM", id="capitals in the domain"),
        pytest.param("  ada@example.com ", id="spaces around it"),
        pytest.param("-0.9!#$%&'*+-/=?^_`{|}~@example.com", id="other characters"),
        pytest.param("Ada.Okafor+Leads@gmail.com", id="a free mailbox"),
        pytest.param("a@b-2.co", id="short"),
        pytest.param("a@b.c", id="one character for each part"),
        pytest.param(
            f" {'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com ", id="254 characters and two spaces"
        ),
        pytest.param("ada@mail.3m.example.com", id="four labels"),
        pytest.param(f"ada@{'x.' * 100}example.com", id="a hundred and two labels"),
        pytest.param("ada@163.com", id="a label of digits"),
        pytest.param("ada@example.c-0m", id="a hyphen and a digit in the last label"),
        pytest.param("ada@xn--bcher-kva.example.com", id="Punycode"),
    ],
)
def test_a_valid_address_comes_back_the_same(client, lead, email):
    verdict = submit(client, {**lead, "email": email})

    assert same_address(verdict["lead"]["email"]) == same_address(email)


def test_every_lead_gets_a_uuid_of_its_own(client, lead):
    first = submit(client, lead)

    second = submit(client, lead)

    ids = [first["lead_id"], second["lead_id"]]
    assert ids == [str(UUID(lead_id)) for lead_id in ids]
    assert ids[0] != ids[1]


def test_a_restart_does_not_repeat_ids(launch, lead):
    server = launch()
    before = submit(server.client, lead)
    server.restart(warm=True)

    after = submit(server.client, lead)

    assert after["lead_id"] != before["lead_id"]


@pytest.mark.parametrize(
    ("size", "status", "sent_status", "notes"),
    [(5000, QUALIFIED, UNQUALIFIED, None), (5, UNQUALIFIED, QUALIFIED, ["str"])],
)
def test_what_only_the_server_decides_is_ignored_when_it_is_sent(
    client, lead, wrong, values, size, status, sent_status, notes
):
    sent = {**lead, "company_size": size}
    others = {
        "lead_id": str(UUID(int=values.getrandbits(128), version=4)),
        "status": sent_status,
        "qualification_notes": 5,
        "lead": {**lead, **wrong},
        "id": values.randint(1, 100),
        "comment": "0123456789" * 110_000,
        "score": [float("nan"), {"name": "Ada \ud800"}, 10**400, None],
    }

    verdict = submit(client, {**others, **sent, "ROLE": wrong["role"], "companySize": wrong["company_size"]})

    assert verdict["lead_id"] != others["lead_id"]
    assert types_in(verdict["qualification_notes"]) == notes
    made = {name: verdict[name] for name in ("lead_id", "qualification_notes")}
    assert verdict == {**made, "status": status, "lead": sent}


@pytest.mark.parametrize(
    ("size", "status"),
    [
        *[(1, UNQUALIFIED), (9, UNQUALIFIED), (10, UNQUALIFIED), (11, QUALIFIED), (100, QUALIFIED)],
        (2_000_000, QUALIFIED),
    ],
)
def test_more_than_ten_people_qualify_and_ten_do_not(client, lead, size, status):
    verdict = submit(client, {**lead, "company_size": size})

    assert verdict["status"] == status


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("CEO", QUALIFIED),
        ("CTO", QUALIFIED),
        ("Founder", QUALIFIED),
        ("VP of Engineering", QUALIFIED),
        ("Assistant to the CEO", UNQUALIFIED),
        ("CEO Office", UNQUALIFIED),
        ("CEO, CTO", UNQUALIFIED),
        ("Co-Founder", UNQUALIFIED),
        ("Founders", UNQUALIFIED),
        ("VP", UNQUALIFIED),
        ("VP Engineering", UNQUALIFIED),
        ("SVP of Engineering", UNQUALIFIED),
        ("VP of Engineering Sales", UNQUALIFIED),
        ("Chief Executive Officer", UNQUALIFIED),
        ("Vice President of Engineering", UNQUALIFIED),
        ("COO", UNQUALIFIED),
        ("CEO & Founder", UNQUALIFIED),
        ("CEO/CTO", UNQUALIFIED),
        ("CEO.", UNQUALIFIED),
        pytest.param("C E O", UNQUALIFIED, id="spaces between the letters"),
        pytest.param("VP  of  Engineering", UNQUALIFIED, id="two spaces"),
        pytest.param("VP\u00a0of\u00a0Engineering", UNQUALIFIED, id="no-break spaces inside"),
        pytest.param("VPofEngineering", UNQUALIFIED, id="no spaces"),
        pytest.param("C.E.O.", UNQUALIFIED, id="dots"),
        pytest.param("CEO\nFounder", UNQUALIFIED, id="two lines"),
        pytest.param("\u200bCEO\ufeff", UNQUALIFIED, id="invisible characters around it"),
        pytest.param("\uff23\uff25\uff2f", UNQUALIFIED, id="full-width letters"),
        pytest.param("\u0421\u0415\u041e", UNQUALIFIED, id="Cyrillic letters"),
        pytest.param("F\u00f6under", UNQUALIFIED, id="an accent"),
    ],
)
def test_the_four_roles_qualify_and_no_other_one(client, lead, role, status):
    verdict = submit(client, {**lead, "role": role})

    assert verdict["status"] == status


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("{}@gmail.com", UNQUALIFIED),
        ("{}@yahoo.com", UNQUALIFIED),
        ("{}@outlook.com", UNQUALIFIED),
        ("{}@mail.gmail.com", QUALIFIED),
        ("{}@notgmail.com", QUALIFIED),
        ("{}@not-yahoo.com", QUALIFIED),
        ("{}@gmail.com.example.com", QUALIFIED),
        ("{}@yahoo.co", QUALIFIED),
        ("{}@outlook.de", QUALIFIED),
        ("{}@gmail.example.com", QUALIFIED),
        ("{}@googlemail.com", QUALIFIED),
        ("{}@hotmail.com", QUALIFIED),
        ("{}@icloud.com", QUALIFIED),
        ("{}@mail.com", QUALIFIED),
        ("{}@aol.com", QUALIFIED),
        ("{}@yahoo.co.uk", QUALIFIED),
        ("{}.gmail.com@example.com", QUALIFIED),
    ],
)
def test_the_three_free_mail_domains_do_not_qualify_and_all_others_do(client, lead, values, email, status):
    local_part = values.text(1).replace(" ", ".")

    verdict = submit(client, {**lead, "email": email.format(local_part)})

    assert verdict["status"] == status


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        pytest.param("role", "ceo", QUALIFIED, id="ceo"),
        pytest.param("role", "cTo", QUALIFIED, id="cTo"),
        pytest.param("role", "\tFounder \r\n", QUALIFIED, id="tab and line break around the role"),
        pytest.param("role", " vP OF engineering ", QUALIFIED, id="spaces around the role"),
        pytest.param(
            "role", "\u00a0FOUNDER\u3000\u2009", QUALIFIED, id="Unicode's white space around the role"
        ),
        pytest.param("email", "Ada.Okafor@GMail.COM", UNQUALIFIED, id="GMail.COM"),
        pytest.param("email", "  ada@yahoo.com ", UNQUALIFIED, id="spaces around the address"),
        pytest.param("email", " ada@OUTLOOK.com", UNQUALIFIED, id="a space and capitals"),
    ],
)
def test_letter_case_and_surrounding_white_space_do_not_matter_to_the_rules(
    client, lead, field, value, status
):
    verdict = submit(client, {**lead, field: value})

    assert verdict["status"] == status


@pytest.mark.parametrize("broken", BROKEN_RULES)
def test_there_is_one_note_for_each_broken_rule(client, lead, wrong, broken):
    verdict = submit(client, {**lead, **{field: wrong[field] for field in broken}})

    assert verdict["status"] == UNQUALIFIED
    assert types_in(verdict["qualification_notes"]) == ["str"] * len(broken)


@pytest.mark.parametrize("broken", BROKEN_RULES)
def test_each_note_names_the_value_that_breaks_its_rule_and_no_other(client, lead, wrong, broken):
    sent = {**lead, **{field: wrong[field] for field in broken}}
    domain = sent["email"].partition("@")[2]
    breaking = {"company_size": str(sent["company_size"]), "role": sent["role"], "email": domain}
    nameable = [breaking["company_size"], breaking["role"], *{domain, *FREE_MAIL_DOMAINS}]

    verdict = submit(client, sent)

    named = [named_in(note, nameable) for note in verdict["qualification_notes"] or []]
    assert sorted(named) == sorted([breaking[field]] for field in broken)


@pytest.mark.parametrize(
    ("missing", "other"),
    [
        *((name, name.upper()) for name in FIELDS),
        ("first_name", "firstName"),
        ("last_name", "last-name"),
        ("company_name", "company"),
        ("company_size", "companySize"),
    ],
)
def test_a_missing_field_is_422(client, lead, missing, other):
    submit(client, lead)

    response = post(client, {other if name == missing else name: lead[name] for name in FIELDS})

    assert response.status_code == 422


@pytest.mark.parametrize(("field", "form"), [*((field, "{}") for field in TEXTS), ("role", "\x85{}\u202f")])
def test_an_empty_or_blank_text_is_422(client, lead, field, form, blank_text):
    submit(client, lead)

    response = post(client, {**lead, field: form.format(blank_text)})

    assert response.status_code == 422


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param(5, id="an integer"),
        pytest.param(1.5, id="a number"),
        pytest.param(True, id="true"),
        pytest.param(["CEO"], id="an array"),
        pytest.param({"text": "CEO"}, id="an object"),
        pytest.param(float("nan"), id="NaN"),
        pytest.param("Ada \ud800", id="half of a surrogate pair"),
    ],
)
def test_a_text_that_is_not_a_string_is_422(client, lead, field, value):
    submit(client, lead)

    response = post(client, {**lead, field: value})

    assert response.status_code == 422


@pytest.mark.parametrize(
    "email",
    [
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "example.com",
        "ada@@example.com",
        "ada@okafor@example.com",
        "ada okafor@example.com",
        "ada @example.com",
        "ada@ example.com",
        "ada@exam ple.com",
        "ada,okafor@example.com",
        "ada@exam_ple.com",
        "ada@example.com, bob@example.com",
        "ada@example.com; bob@example.com",
        "ada(sales)@example.com",
        "mailto:ada@example.com",
        "ada@example.com:25",
        ".ada@example.com",
        "ada.@example.com",
        "ada..okafor@example.com",
        "ada@.example.com",
        "ada@example.com.",
        "ada@example..com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@example.com-",
        "ada@mail.-example.com",
        pytest.param("ada@exam\x00ple.com", id="NUL"),
        pytest.param("ada\ud800@example.com", id="half of a surrogate pair"),
        pytest.param("", id="empty"),
        pytest.param("  ", id="blank"),
        pytest.param(None, id="null"),
        pytest.param(5, id="an integer"),
        pytest.param(["ada@example.com"], id="an array"),
    ],
)
def test_an_email_that_is_not_an_address_is_422(client, lead, email):
    submit(client, lead)

    response = post(client, {**lead, "email": email})

    assert response.status_code == 422


@pytest.mark.parametrize(
    "size",
    [
        0,
        -1,
        -(2**63) - 1,
        10.5,
        50.0,
        pytest.param("50", id="a number in a string"),
        pytest.param("", id="an empty string"),
        pytest.param(True, id="true"),
        pytest.param(None, id="null"),
        pytest.param([50], id="an array"),
        pytest.param(float("nan"), id="NaN"),
        pytest.param(float("inf"), id="Infinity"),
    ],
)
def test_a_company_size_that_is_not_an_integer_greater_than_zero_is_422(client, lead, size):
    submit(client, lead)

    response = post(client, {**lead, "company_size": size})

    assert response.status_code == 422


@pytest.mark.parametrize(
    "size",
    [
        *(1, 2, 10, 11, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 10**30),
        pytest.param(10**4299, id="4,300 digits"),
    ],
)
def test_every_integer_greater_than_zero_is_a_company_size(client, lead, size):
    sent = {**lead, "company_size": size}

    verdict = submit(client, sent)

    assert verdict["lead"] == sent


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("[{lead}]", id="an array"),
        pytest.param("{pairs}", id="an array of pairs"),
        pytest.param("{text}", id="JSON in a string"),
        pytest.param("{lead},", id="not JSON"),
        pytest.param("{python}", id="Python"),
        pytest.param('"lead"', id="a string"),
        pytest.param("null", id="null"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_body_that_is_not_a_json_object_is_422(client, lead, form):
    submit(client, lead)
    text = json.dumps(lead)
    forms = {
        "lead": text,
        "pairs": json.dumps([*lead.items()]),
        "text": json.dumps(text),
        "python": repr(lead),
    }

    response = client.post("/leads", content=form.format_map(forms), headers=JSON)

    assert response.status_code == 422


def test_two_hundred_leads_at_once_each_get_their_own_id_and_verdict(client, lead, race):
    sent = [
        {**lead, "last_name": f"{lead['last_name']} {number}", "company_size": (7, 5000 + number)[number % 2]}
        for number in range(200)
    ]

    verdicts = race(200, lambda number: submit(client, sent[number]))

    assert [verdict["lead"] for verdict in verdicts] == sent
    assert [verdict["status"] for verdict in verdicts] == [UNQUALIFIED, QUALIFIED] * 100
    assert [types_in(verdict["qualification_notes"]) for verdict in verdicts] == [["str"], None] * 100
    assert len({verdict["lead_id"] for verdict in verdicts}) == 200


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(
            {"first_name": "A", "last_name": "O", "company_name": "X", "role": "?"}, id="one character"
        ),
        pytest.param(dict.fromkeys(TEXTS, "0123456789" * 8_000), id="80,000 characters"),
        pytest.param(dict.fromkeys(TEXTS, "\x00Ada\x1b\x7f \x9f"), id="control characters"),
        pytest.param(dict.fromkeys(TEXTS, "\ufeffA\u200bd\u00ada\u202e"), id="invisible characters"),
        pytest.param(dict.fromkeys(TEXTS, "\u200b"), id="one invisible character"),
        pytest.param({"role": "\tceo "}, id="a role that qualifies"),
    ],
)
def test_any_text_that_is_not_blank_comes_back(client, lead, texts):
    sent = {**lead, **texts}

    verdict = submit(client, sent)

    assert verdict["lead"] == sent
