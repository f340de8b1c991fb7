"""The acceptance tests of exercise 2: one for each criterion of the ticket."""

import time
from uuid import UUID, uuid4

import pytest

JSON = {"Content-Type": "application/json"}
RESPONSE_SECONDS = 1.0
"""What the ticket gives to every request."""
LATE_SECONDS = 1.25
"""How late a job may be here: the ticket's second, and something for the way."""
PATIENCE_SECONDS = 5.0
"""How long a test waits for a short job where time is not what it is about."""


def start_job(client, company_domain):
    """Start a job and return its id; a test that fails here shows the response."""
    accepted = client.post("/enrich", json={"company_domain": company_domain}).raise_for_status().json()
    return accepted["job_id"]


def read_job(client, job_id):
    """Read a job as it is now."""
    return client.get(f"/enrich/{job_id}").raise_for_status().json()


def seconds_for(request):
    """Return how long a request takes."""
    started = time.monotonic()
    request()
    return time.monotonic() - started


def job_ids_of(client, domains, at_once):
    """Start a job for each domain at the same time, and return their ids in order."""
    return at_once(len(domains), lambda number: start_job(client, domains[number]))


@pytest.fixture
def domain(values):
    """Return a valid domain that nobody has (RFC 2606, section 2)."""
    return values.text(1).replace(" ", "-") + ".example"


@pytest.fixture
def enrich(eventually):
    """Return a function that starts a job which takes no time, and returns it when it is complete."""

    def enrich(client, company_domain):
        job_id = start_job(client, company_domain)
        eventually(lambda: read_job(client, job_id)["status"], "complete", seconds=PATIENCE_SECONDS)
        return read_job(client, job_id)

    return enrich


@pytest.fixture
def read_when_complete(eventually, at_once):
    """Return a function that waits until all of these jobs are complete, and returns them in order."""

    def read_when_complete(client, job_ids, *, seconds):
        def read_all():
            return at_once(len(job_ids), lambda number: read_job(client, job_ids[number]))

        def count_complete():
            return [job["status"] for job in read_all()].count("complete")

        eventually(count_complete, len(job_ids), seconds=seconds)
        return read_all()

    return read_when_complete


@pytest.fixture
def data_of(enrich):
    """Return a function that enriches one domain after the other, and returns their data."""

    def data_of(client, domains):
        return [enrich(client, one)["data"] for one in domains]

    return data_of


def test_a_domain_gets_202_and_the_id_of_its_job(client):
    response = client.post("/enrich", json={"company_domain": "acme.example"})

    assert response.status_code == 202
    assert response.headers["content-type"].split(";")[0] == "application/json"
    accepted = response.json()
    assert accepted == {"job_id": accepted["job_id"]}
    assert accepted["job_id"] == str(UUID(accepted["job_id"]))


def test_the_response_does_not_wait_for_the_job(client, domain, at_once):
    seconds = at_once(3, lambda _: seconds_for(lambda: start_job(client, domain)))

    assert min(seconds) < RESPONSE_SECONDS  # of three, for a machine may have something else to do


def test_a_job_under_way_is_pending_and_has_no_data(client, domain):
    job_id = start_job(client, domain)

    response = client.get(f"/enrich/{job_id}")

    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "application/json"
    assert response.json() == {"job_id": job_id, "status": "pending"}


def test_a_finished_job_is_complete_and_stays_so_with_the_companys_data(launch, domain, enrich):
    client = launch(ENRICHMENT_SECONDS="0").client
    job = enrich(client, domain)

    response = client.get(f"/enrich/{job['job_id']}")

    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "application/json"
    assert response.json() == job
    data = {name: job["data"][name] for name in ("company_size", "industry")}
    assert job == {"job_id": job["job_id"], "status": "complete", "data": data}
    assert type(data["company_size"]) is int
    assert data["company_size"] > 0
    assert data["industry"].strip() != ""


@pytest.mark.parametrize("seconds", [0, 0.5], ids=["no time", "half a second"])
def test_enrichment_seconds_says_how_long_a_job_takes(launch, domain, enrich, eventually, seconds):
    client = launch(ENRICHMENT_SECONDS=str(seconds)).client
    first = enrich(client, domain)  # the server is up from here on, and the company is known
    start_job(client, domain)
    halfway = time.monotonic() + seconds / 2  # of another job for the same company
    eventually(lambda: time.monotonic() >= halfway, True, seconds=PATIENCE_SECONDS)
    started = time.monotonic()

    job_id = start_job(client, domain)

    assert read_job(client, first["job_id"]) == first
    eventually(lambda: read_job(client, job_id)["status"], "complete", seconds=seconds + LATE_SECONDS)
    assert time.monotonic() - started >= seconds - 0.05  # timers count in steps


def test_the_same_domain_gets_the_same_data_in_any_letter_case_and_after_a_restart(launch, domain, data_of):
    server = launch(ENRICHMENT_SECONDS="0")
    elsewhere = launch(ENRICHMENT_SECONDS="0.01")
    domains = [domain, f"www.{domain}", f"shop.{domain}"]
    data_of(elsewhere.client, [f"another.{domain}"])
    first = data_of(server.client, domains)

    again = data_of(server.client, domains)
    in_capitals = data_of(server.client, [one.upper() for one in domains])
    in_another_process = data_of(elsewhere.client, [one.capitalize() for one in domains])
    server.restart()
    later = data_of(server.client, domains)

    assert [again, in_capitals, in_another_process, later] == [first] * 4


def test_each_request_starts_a_job_of_its_own(client, domain):
    first_id = start_job(client, domain)

    second_id = start_job(client, domain)

    assert first_id != second_id
    assert read_job(client, first_id)["job_id"] == first_id
    assert read_job(client, second_id)["job_id"] == second_id


def test_what_only_the_server_decides_is_ignored_when_it_is_sent(client, domain, values):
    decided = {
        "job_id": str(UUID(int=values.getrandbits(128), version=4)),
        "status": "complete",
        "data": {"company_size": values.randint(1, 1000), "industry": values.text()},
        "seconds": 0,
    }

    response = client.post("/enrich", json={**decided, "company_domain": domain})

    assert response.status_code == 202
    job_id = response.json()["job_id"]
    assert job_id != decided["job_id"]
    assert read_job(client, job_id) == {"job_id": job_id, "status": "pending"}
    assert client.get(f"/enrich/{decided['job_id']}").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a.b", id="short"),
        pytest.param("WWW.Acme.Example", id="capitals"),
        pytest.param("3-m.24.example", id="digits and a hyphen"),
        pytest.param("7.a1", id="a digit alone"),
        pytest.param("xn--mller-kva.example", id="Punycode"),
        pytest.param("acme.xn--p1ai", id="Punycode at the end"),
        pytest.param("xn--0.example", id="Punycode of nothing"),
        pytest.param("ab--c.e1", id="two hyphens"),
        pytest.param("acme.co-op", id="hyphen in the last label"),
        pytest.param("localhost.localdomain", id="no company's"),
        pytest.param("a.b.c.d.e.f.g.h.i.j", id="ten labels"),
        pytest.param(f"{'a' * 63}.{'b' * 63}", id="labels of 63"),
        pytest.param(f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 61}", id="253 in all"),
        pytest.param(f"{'a.' * 126}b", id="127 labels"),
    ],
)
def test_every_host_name_is_accepted(client, name):
    response = client.post("/enrich", json={"company_domain": name})

    assert response.status_code == 202
    job_id = response.json()["job_id"]
    assert read_job(client, job_id)["job_id"] == job_id


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("acme", id="one label"),
        pytest.param("acme..example", id="empty label"),
        pytest.param(".acme.example", id="dot first"),
        pytest.param("acme.example.", id="dot at the end"),
        pytest.param(".", id="only a dot"),
        pytest.param("-acme.example", id="hyphen first"),
        pytest.param("acme-.example", id="hyphen last"),
        pytest.param("www.-acme.example", id="hyphen first in the second label"),
        pytest.param("acme.-example", id="hyphen first in the last label"),
        pytest.param("acme.example-", id="hyphen last in the last label"),
        pytest.param("-.example", id="only a hyphen"),
        pytest.param("-www.acme.example", id="hyphen first in the first of three labels"),
        pytest.param("www.acme-.example", id="hyphen last in the second of three labels"),
        pytest.param("ac_me.example", id="underscore"),
        pytest.param("_dmarc.acme.example", id="underscore first"),
        pytest.param("*.acme.example", id="asterisk"),
        pytest.param("acme example.com", id="space inside"),
        pytest.param(f"{'a' * 64}.example", id="first label of 64"),
        pytest.param(f"www.{'a' * 64}.example", id="second label of 64"),
        pytest.param(f"{'a' * 64}.acme.example", id="first of three labels of 64"),
        pytest.param(f"acme.{'a' * 64}", id="last label of 64"),
        pytest.param(f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 62}", id="254 in all"),
        pytest.param("a." * 5000 + "example", id="10,000 characters"),
        pytest.param("192.0.2.1", id="IP address"),
        pytest.param("[2001:db8::1]", id="IPv6 address"),
        pytest.param("acme.3xample", id="last label begins with a digit"),
        pytest.param("acme.example.7", id="last label is a digit"),
        pytest.param("m\u00fcller.example", id="letter beyond ASCII"),
        pytest.param("acme.\u0440\u0444", id="last label beyond ASCII"),
        pytest.param("acme\u0663.example", id="digit beyond ASCII"),
        pytest.param("boo\u212a.example", id="Kelvin sign"),
        pytest.param("boo\u212a.\u212a", id="Kelvin sign as the last label"),
        pytest.param("ma\u017fs.example", id="long s"),
        pytest.param("ac\u0130me.example", id="capital I with a dot"),
        pytest.param("acme.\u0131t", id="small i without a dot"),
        pytest.param("\uff41cme.example", id="full-width letter"),
        pytest.param("acme\u3002example", id="ideographic full stop"),
        pytest.param("ac\u00adme.example", id="soft hyphen"),
        pytest.param("ac\x00me.example", id="NUL"),
        pytest.param("https://acme.example", id="scheme"),
        pytest.param("acme.example/about", id="path"),
        pytest.param("acme.example:443", id="port"),
        pytest.param("info@acme.example", id="email address"),
        pytest.param(" acme.example", id="space before"),
        pytest.param("acme.example ", id="space after"),
        pytest.param("acme.example\n", id="line break after"),
        pytest.param("\nacme.example", id="line break before"),
        pytest.param("acme.example\nwww.example", id="two lines"),
        pytest.param("\u00a0acme.example", id="no-break space before"),
        pytest.param("acme.example\u200b", id="zero-width space after"),
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
        pytest.param(b'{"domain": "acme.example"}', id="another field"),
        pytest.param(b'{"companyDomain": "acme.example"}', id="camel case"),
        pytest.param(b'{"company_domain": ""}', id="empty"),
        pytest.param(b'{"company_domain": " \\t"}', id="blank"),
        pytest.param(b'{"company_domain": null}', id="null"),
        pytest.param(b'{"company_domain": 42}', id="a number"),
        pytest.param(b'{"company_domain": true}', id="true"),
        pytest.param(b'{"company_domain": NaN}', id="NaN"),
        pytest.param(b'{"company_domain": ["acme.example"]}', id="an array of domains"),
        pytest.param(b'{"company_domain": {"name": "acme.example"}}', id="an object"),
        pytest.param(b'{"company_domain": "\\ud800.example"}', id="half of a surrogate pair"),
        pytest.param(b'[{"company_domain": "acme.example"}]', id="an array"),
        pytest.param(b'"acme.example"', id="a bare string"),
        pytest.param(b"null", id="null alone"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"company_domain": ', id="not JSON"),
    ],
)
def test_a_payload_that_is_not_valid_is_422_and_changes_nothing(client, domain, payload):
    job_id = start_job(client, domain)

    response = client.post("/enrich", content=payload, headers=JSON)

    assert response.status_code == 422
    assert read_job(client, job_id) == {"job_id": job_id, "status": "pending"}


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param("5f0c7a52-6d0b-4f2e-9d3e-0a4b8f6f1c55", id="the ticket's"),
        pytest.param("00000000-0000-0000-0000-000000000000", id="only zeros"),
        pytest.param("00000000-0000-0000-0000-000000000001", id="one"),
        pytest.param("ffffffff-ffff-ffff-ffff-ffffffffffff", id="only f"),
    ],
)
def test_an_id_that_no_job_has_is_not_found(client, domain, unknown):
    job_id = start_job(client, domain)

    response = client.get(f"/enrich/{unknown}")

    assert response.status_code == 404
    assert read_job(client, job_id)["job_id"] == job_id


@pytest.mark.parametrize(
    "odd_id",
    [
        "42",
        "0",
        "acme.example",
        "00000000-0000-4000-8000-00000000000g",
        "00000000-0000-4000-8000-0000000000000",
        "00000000-0000-4000-8000-00000000000",
        "00000000-0000-4000-8000-0000000_0000",
    ],
)
def test_an_id_that_is_not_a_uuid_is_422(client, odd_id):
    response = client.get(f"/enrich/{odd_id}")

    assert response.status_code == 422
    assert client.get(f"/enrich/{uuid4()}").status_code == 404


def test_a_hundred_jobs_at_once_are_complete_in_about_the_time_of_one(
    launch, domain, at_once, read_when_complete
):
    # Long enough that fifty at a time would take more than the jobs, their delay and a slow machine together.
    client = launch(ENRICHMENT_SECONDS="2.5").client
    domains = [f"{number}.{domain}" for number in range(100)]
    unread_id = start_job(client, domain)

    job_ids = job_ids_of(client, domains, at_once)

    jobs = read_when_complete(client, job_ids, seconds=2.5 + LATE_SECONDS)
    assert [job["job_id"] for job in jobs] == job_ids
    assert len(set(job_ids)) == 100
    assert [job for job in jobs if job["data"]["company_size"] <= 0] == []
    assert read_job(client, unread_id)["status"] == "complete"  # a job does not begin when it is read first


def test_two_hundred_jobs_at_once_each_get_the_data_of_their_own_company(
    launch, domain, enrich, race, read_when_complete
):
    client = launch(ENRICHMENT_SECONDS="0.1").client
    domains = [domain, f"another.{domain}"]
    alone = [enrich(client, domains[0]), enrich(client, domains[1])]

    job_ids = race(200, lambda number: start_job(client, domains[number % 2]))

    jobs = read_when_complete(client, job_ids, seconds=PATIENCE_SECONDS)
    assert [job["data"] for job in jobs] == [alone[0]["data"], alone[1]["data"]] * 100
    assert len(set(job_ids)) == 200
    assert read_job(client, alone[0]["job_id"]) == alone[0]


def test_other_requests_are_answered_while_a_hundred_jobs_are_under_way(client, domain, at_once):
    job_ids = job_ids_of(client, [f"{number}.{domain}" for number in range(100)], at_once)

    seconds = at_once(3, lambda number: seconds_for(lambda: read_job(client, job_ids[number])))

    assert min(seconds) < RESPONSE_SECONDS  # of three, for a machine may have something else to do
    assert read_job(client, job_ids[0]) == {"job_id": job_ids[0], "status": "pending"}


def test_a_restart_does_not_wait_for_the_jobs_under_way(launch, domain, at_once):
    server = launch(ENRICHMENT_SECONDS="86400")
    job_ids = job_ids_of(server.client, [domain] * 8, at_once)

    server.restart(warm=True)
    forgotten = server.client.get(f"/enrich/{job_ids[0]}")

    assert forgotten.status_code == 404
    assert read_job(server.client, start_job(server.client, domain))["status"] == "pending"


def test_a_restart_forgets_all_jobs(launch, domain, enrich):
    server = launch(ENRICHMENT_SECONDS="0")
    job = enrich(server.client, domain)

    server.restart(warm=True)
    enrich(server.client, domain)

    assert server.client.get(f"/enrich/{job['job_id']}").status_code == 404
