"""The acceptance tests of exercise 1: one for each criterion of the ticket."""

import json
import re
from uuid import UUID

import pytest

JSON = {"Content-Type": "application/json"}
QUALIFIED, UNQUALIFIED = "Qualified", "Unqualified"
TEXTS = ("first_name", "last_name", "company_name", "role")


def submit(client, lead):
    """Submit a lead and give the verdict back; a test that fails here says which answer came."""
    return client.post("/leads", json=lead).raise_for_status().json()


def status_of(client, payload):
    """Submit a payload, as JSON that may hold what JSON does not know (NaN), and give the status of the answer."""
    return client.post("/leads", content=json.dumps(payload), headers=JSON).status_code


def named_in(notes, *words):
    """Give those of the words that the notes name as a whole; letter case and the kind of white space do not count."""
    line = " ".join(notes.split())
    return [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line, re.IGNORECASE)]


@pytest.fixture
def lead(values):
    """A lead that keeps every rule, by far."""
    return {
        "first_name": values.text(1),
        "last_name": values.text(1),
        "email": values.email(),
        "company_name": values.text(),
        "company_size": values.randint(10**5, 10**6),
        "role": "CTO",
    }


@pytest.fixture
def wrong(values):
    """For each rule, what breaks it."""
    domain = values.choice(["gmail.com", "yahoo.com", "outlook.com"])
    return {
        "company_size": values.randint(1, 9),
        "role": values.text(),
        "email": values.email().replace("example.com", domain),
    }


def test_a_lead_that_qualifies_is_answered_with_201_null_for_notes_and_the_lead(client, lead):
    response = client.post("/leads", json=lead)

    assert response.status_code == 201
    verdict = response.json()
    made = {"lead_id": verdict["lead_id"]}
    assert verdict == {**made, "status": QUALIFIED, "qualification_notes": None, "lead": lead}


def test_a_lead_that_does_not_qualify_is_answered_with_201_as_well_with_notes_and_the_lead(
    client, lead, wrong
):
    sent = {**lead, "company_size": wrong["company_size"]}

    response = client.post("/leads", json=sent)

    assert response.status_code == 201
    verdict = response.json()
    made = {name: verdict[name] for name in ("lead_id", "qualification_notes")}
    assert verdict == {**made, "status": UNQUALIFIED, "lead": sent}
    assert type(verdict["qualification_notes"]) is str


def test_a_lead_comes_back_as_it_was_submitted(client, values):
    sent = {
        "first_name": f"  Zoë {values.text(1)}",
        "last_name": f"O'{values.text(1)} ",
        "email": f"Zoe.{values.email()}",
        "company_name": f"\t{values.text()} ☕ & Söhne\n",
        "company_size": 2**63 - 1 - values.randrange(1000),
        "role": " CTO  ",
    }

    verdict = submit(client, sent)

    assert verdict["lead"] == sent


def test_every_lead_gets_a_uuid_of_its_own(client, lead):
    first = submit(client, lead)

    second = submit(client, lead)

    ids = [first["lead_id"], second["lead_id"]]
    assert ids == [str(UUID(lead_id)) for lead_id in ids]
    assert ids[0] != ids[1]


def test_what_only_the_server_decides_is_ignored_when_it_is_sent(client, lead, values):
    decided = {
        "lead_id": str(UUID(int=values.getrandbits(128), version=4)),
        "status": UNQUALIFIED,
        "qualification_notes": values.text(),
    }

    verdict = submit(client, {**lead, **decided})

    assert verdict["lead_id"] != decided["lead_id"]
    made = {"lead_id": verdict["lead_id"]}
    assert verdict == {**made, "status": QUALIFIED, "qualification_notes": None, "lead": lead}


@pytest.mark.parametrize(("size", "status"), [(10, UNQUALIFIED), (11, QUALIFIED)])
def test_a_company_of_more_than_ten_people_qualifies_and_one_of_ten_does_not(client, lead, size, status):
    verdict = submit(client, {**lead, "company_size": size})

    assert verdict["status"] == status


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("CEO", QUALIFIED),
        ("CTO", QUALIFIED),
        ("Founder", QUALIFIED),
        ("VP of Engineering", QUALIFIED),
        ("VP", UNQUALIFIED),
        ("Assistant to the CEO", UNQUALIFIED),
    ],
)
def test_each_of_the_four_roles_qualifies_and_no_other_one(client, lead, role, status):
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
        ("{}.gmail.com@yahoo.com.example.com", QUALIFIED),
    ],
)
def test_the_three_free_mail_domains_do_not_qualify_and_all_others_do(client, lead, values, email, status):
    local_part = values.text(1).replace(" ", ".")

    verdict = submit(client, {**lead, "email": email.format(local_part)})

    assert verdict["status"] == status


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("role", "ceo", QUALIFIED),
        ("role", "\tFounder \n", QUALIFIED),
        ("role", " vP OF engineering ", QUALIFIED),
        ("email", "Ada.Okafor@GMail.COM", UNQUALIFIED),
        ("email", "  ada@yahoo.com ", UNQUALIFIED),
    ],
)
def test_letter_case_and_surrounding_blanks_do_not_matter(client, lead, field, value, status):
    verdict = submit(client, {**lead, field: value})

    assert verdict["status"] == status


@pytest.mark.parametrize(
    "broken",
    [["company_size"], ["role"], ["email"], ["company_size", "role", "email"]],
    ids=["company size", "role", "address", "all three"],
)
def test_the_notes_have_one_line_for_each_rule_that_is_broken_and_no_other(client, lead, wrong, broken):
    verdict = submit(client, {**lead, **{field: wrong[field] for field in broken}})

    assert verdict["status"] == UNQUALIFIED
    assert len(verdict["qualification_notes"].strip().splitlines()) == len(broken)


@pytest.mark.parametrize(
    "broken",
    [["company_size", "role"], ["role", "email"], ["company_size", "email"]],
    ids=["size and role", "role and address", "size and address"],
)
def test_the_notes_name_the_values_that_break_a_rule_and_none_that_keeps_its_rule(
    client, lead, wrong, broken
):
    sent = {**lead, **{field: wrong[field] for field in broken}}
    values_of_rules = {
        "company_size": str(sent["company_size"]),
        "role": sent["role"],
        "email": sent["email"].split("@")[1],
    }

    verdict = submit(client, sent)

    named = named_in(verdict["qualification_notes"], *(values_of_rules[field] for field in wrong))
    assert named == [values_of_rules[field] for field in broken]


def test_a_payload_that_lacks_a_field_is_422(client, lead):
    submit(client, lead)
    payloads = {missing: {name: lead[name] for name in lead if name != missing} for missing in lead}

    statuses = {f"no {missing}": status_of(client, payload) for missing, payload in payloads.items()}

    assert statuses == dict.fromkeys(statuses, 422)


def test_a_text_that_is_null_empty_or_blank_is_422(client, lead):
    submit(client, lead)
    payloads = {(field, text): {**lead, field: text} for field in TEXTS for text in (None, "", " \t\n")}

    statuses = {json.dumps(case): status_of(client, payload) for case, payload in payloads.items()}

    assert statuses == dict.fromkeys(statuses, 422)


def test_an_email_that_is_no_address_is_422(client, lead):
    submit(client, lead)
    no_addresses = ["ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "ada@example..com"]
    no_addresses += ["ada okafor@example.com", "Ada <ada@example.com>", None]

    statuses = {json.dumps(email): status_of(client, {**lead, "email": email}) for email in no_addresses}

    assert statuses == dict.fromkeys(statuses, 422)


def test_a_company_size_that_is_not_an_integer_greater_than_zero_is_422(client, lead):
    submit(client, lead)
    no_sizes = [0, -1, "50", 50.0, True, None, float("nan")]

    statuses = {json.dumps(size): status_of(client, {**lead, "company_size": size}) for size in no_sizes}

    assert statuses == dict.fromkeys(statuses, 422)


@pytest.mark.parametrize("form", ["[{}]", "{},"], ids=["an array", "not JSON"])
def test_a_body_that_is_no_json_object_is_422(client, lead, form):
    submit(client, lead)

    response = client.post("/leads", content=form.format(json.dumps(lead)), headers=JSON)

    assert response.status_code == 422


def test_two_hundred_leads_at_once_each_get_their_own_id_and_their_own_answer(client, lead, at_once):
    sent = [{**lead, "last_name": f"{lead['last_name']} {number}"} for number in range(200)]

    verdicts = at_once(200, lambda number: submit(client, sent[number]))

    assert [verdict["lead"] for verdict in verdicts] == sent
    assert len({verdict["lead_id"] for verdict in verdicts}) == 200
