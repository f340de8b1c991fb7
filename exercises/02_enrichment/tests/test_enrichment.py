"""The acceptance tests of exercise 2: one for each criterion of the ticket."""

import time
from uuid import UUID, uuid4

import pytest

JSON = {"Content-Type": "application/json"}
ANSWER_LIMIT = 1.0
"""Seconds that the ticket gives to every request."""
LATE = 1.5
"""Seconds that a job may be late here: the ticket's second, and something for a slow machine."""


def start_job(client, company_domain):
    """Start a job and give its id; a test that fails here says which answer came."""
    answer = client.post("/enrich", json={"company_domain": company_domain}).raise_for_status().json()
    return answer["job_id"]


def read_job(client, job_id):
    """Read a job as it is now."""
    return client.get(f"/enrich/{job_id}").raise_for_status().json()


def finish_job(client, job_id, deadline):
    """Wait until a job is no longer pending, and give it; at the deadline, give it as it is."""
    while (job := read_job(client, job_id))["status"] == "pending" and time.monotonic() < deadline:
        time.sleep(0.02)
    return job


def enrich(client, company_domain):
    """Start a job that takes no time, and give it when it is done."""
    job = finish_job(client, start_job(client, company_domain), time.monotonic() + LATE)
    assert job["status"] == "complete"
    return job


def seconds_to_start_job(client, company_domain):
    """Start a job, and give the time that this took."""
    started = time.monotonic()
    start_job(client, company_domain)
    return time.monotonic() - started


@pytest.fixture
def domain(values):
    """Give a valid domain that nobody has (RFC 2606, section 2)."""
    return values.text(1).replace(" ", "-") + ".example"


def test_a_domain_is_answered_with_202_and_the_id_of_its_job(client, domain):
    response = client.post("/enrich", json={"company_domain": domain})

    assert response.status_code == 202
    answer = response.json()
    assert answer == {"job_id": answer["job_id"]}
    assert answer["job_id"] == str(UUID(answer["job_id"]))


def test_the_answer_does_not_wait_for_the_job(client, domain):
    seconds = [seconds_to_start_job(client, domain) for _ in range(3)]

    assert min(seconds) < ANSWER_LIMIT


def test_a_job_under_way_is_pending_and_has_no_data(client, domain):
    job_id = start_job(client, domain)

    response = client.get(f"/enrich/{job_id}")

    assert response.status_code == 200
    assert response.json() == {"job_id": job_id, "status": "pending"}


def test_a_job_that_is_done_is_complete_and_stays_so_with_the_companys_data(launch, domain):
    client = launch(ENRICHMENT_SECONDS="0").client

    job = enrich(client, domain)

    data = {name: job["data"][name] for name in ("company_size", "industry")}
    assert job == {"job_id": job["job_id"], "status": "complete", "data": data}
    assert type(data["company_size"]) is int
    assert data["company_size"] > 0
    assert data["industry"].strip() != ""
    assert read_job(client, job["job_id"]) == job


@pytest.mark.parametrize("seconds", [0, 0.5], ids=["no time", "half a second"])
def test_enrichment_seconds_says_how_long_a_job_takes(launch, domain, seconds):
    client = launch(ENRICHMENT_SECONDS=str(seconds)).client
    start_job(client, domain)  # the server is up from here on
    started = time.monotonic()

    job = finish_job(client, start_job(client, domain), started + seconds + LATE)

    assert job["status"] == "complete"
    assert time.monotonic() - started >= seconds - 0.05  # timers count in steps


def test_the_same_domain_gets_the_same_data_in_any_letter_case_and_after_a_restart(launch, domain):
    server = launch(ENRICHMENT_SECONDS="0")
    first = enrich(server.client, domain)

    again, in_capitals = (enrich(server.client, name) for name in (domain, domain.upper()))
    server.restart()
    later = enrich(server.client, domain)

    assert [job["data"] for job in (again, in_capitals, later)] == [first["data"]] * 3


def test_each_request_starts_a_job_of_its_own(client, domain):
    job_ids = [start_job(client, domain) for _ in range(2)]

    jobs = [read_job(client, job_id) for job_id in job_ids]

    assert [job["job_id"] for job in jobs] == job_ids
    assert job_ids[0] != job_ids[1]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a.b", id="short"),
        pytest.param("WWW.Acme.Example", id="capitals"),
        pytest.param("3-m.24.example", id="digits and a hyphen"),
        pytest.param("xn--mller-kva.example", id="punycode"),
        pytest.param("a--b.e1", id="two hyphens"),
        pytest.param(f"{'a' * 63}.{'b' * 63}", id="labels of 63"),
        pytest.param(f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 61}", id="253 in all"),
    ],
)
def test_every_host_name_is_taken_for_a_domain(launch, name):
    client = launch(ENRICHMENT_SECONDS="0").client

    job_id = start_job(client, name)

    assert read_job(client, job_id)["job_id"] == job_id


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(" \t", id="blank"),
        pytest.param("acme", id="one label"),
        pytest.param("acme..example", id="empty label"),
        pytest.param("acme.example.", id="dot at the end"),
        pytest.param("-acme.example", id="hyphen first"),
        pytest.param("acme-.example", id="hyphen last"),
        pytest.param("ac_me.example", id="underscore"),
        pytest.param(f"{'a' * 64}.example", id="label of 64"),
        pytest.param(f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 62}", id="254 in all"),
        pytest.param("192.0.2.1", id="IP address"),
        pytest.param("acme.3xample", id="last label begins with a digit"),
        pytest.param("müller.example", id="letter beyond ASCII"),
        pytest.param("acme٣.example", id="digit beyond ASCII"),
        pytest.param("https://acme.example", id="scheme"),
        pytest.param("acme.example/about", id="path"),
        pytest.param("acme.example:443", id="port"),
        pytest.param("info@acme.example", id="e-mail address"),
        pytest.param(" acme.example", id="blank before"),
        pytest.param("acme.example\n", id="line break after"),
    ],
)
def test_any_other_text_is_422(client, text):
    response = client.post("/enrich", json={"company_domain": text})

    assert response.status_code == 422
    assert client.get(f"/enrich/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"{}", id="no company_domain"),
        pytest.param(b'{"company_domain": null}', id="null"),
        pytest.param(b'{"company_domain": 42}', id="a number"),
        pytest.param(b'{"company_domain": NaN}', id="NaN"),
        pytest.param(b'{"company_domain": ["acme.example"]}', id="an array of domains"),
        pytest.param(b'{"company_domain": "\\ud800.example"}', id="half of a surrogate pair"),
        pytest.param(b'"acme.example"', id="a bare string"),
        pytest.param(b'{"company_domain": ', id="not JSON"),
    ],
)
def test_a_payload_that_is_not_valid_is_422_and_changes_nothing(launch, domain, payload):
    client = launch(ENRICHMENT_SECONDS="0").client
    job_id = start_job(client, domain)

    response = client.post("/enrich", content=payload, headers=JSON)

    assert response.status_code == 422
    assert read_job(client, job_id)["job_id"] == job_id


def test_an_id_that_no_job_has_is_not_found(client, domain):
    job_id = start_job(client, domain)

    response = client.get(f"/enrich/{uuid4()}")

    assert response.status_code == 404
    assert read_job(client, job_id)["job_id"] == job_id


@pytest.mark.parametrize("odd_id", ["42", "acme.example", "00000000-0000-4000-8000-00000000000g"])
def test_an_id_that_is_no_uuid_is_422(client, odd_id):
    response = client.get(f"/enrich/{odd_id}")

    assert response.status_code == 422
    assert client.get(f"/enrich/{uuid4()}").status_code == 404


def test_a_hundred_jobs_at_once_are_complete_in_about_the_time_of_one(launch, domain, at_once):
    client = launch(ENRICHMENT_SECONDS="1").client

    job_ids = at_once(100, lambda number: start_job(client, f"{number}.{domain}"))
    deadline = time.monotonic() + 1 + LATE
    jobs = [finish_job(client, job_id, deadline) for job_id in job_ids]

    assert len(set(job_ids)) == 100
    assert [job["job_id"] for job in jobs] == job_ids
    assert [job["status"] for job in jobs].count("complete") == 100


def test_other_requests_are_answered_while_jobs_are_under_way(client, domain, at_once):
    def start_and_read(number):
        started = time.monotonic()
        job = read_job(client, start_job(client, f"{number}.{domain}"))
        return job["status"], time.monotonic() - started

    answers = at_once(25, start_and_read)

    assert [status for status, _ in answers] == ["pending"] * 25
    assert max(seconds for _, seconds in answers) < 2.5 * ANSWER_LIMIT  # of two requests


def test_a_restart_does_not_wait_for_the_jobs_under_way(launch, domain):
    server = launch()
    start_job(server.client, domain)

    server.restart()

    assert read_job(server.client, start_job(server.client, domain))["status"] == "pending"


def test_a_restart_forgets_all_jobs(launch, domain):
    server = launch(ENRICHMENT_SECONDS="0")
    job = enrich(server.client, domain)

    server.restart()

    assert server.client.get(f"/enrich/{job['job_id']}").status_code == 404
