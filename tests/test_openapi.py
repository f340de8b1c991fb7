"""What an app answers and `/openapi.json` does not declare is found."""

import pytest

from ladder.authoring.openapi import undeclared
from ladder.authoring.parts import verify_reference
from ladder.client.exchange import Exchange

NOTE = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
JSON = {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "components": {"schemas": {"Note": NOTE}},
    "paths": {
        "/notes/{note_id}": {
            "get": {"responses": {"200": {"content": JSON}, "404": {"description": "Not Found"}}},
            "delete": {"responses": {"204": {"description": "No Content"}}},
        },
        "/notes/last": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {}}}}}}},
    },
}


def answered(target, status, answer=b"", media_type="application/json", method="GET"):
    return Exchange(method, target, status=status, answer=answer, answer_headers={"content-type": media_type})


@pytest.mark.parametrize(
    "exchange",
    [
        pytest.param(answered("/notes/1", 200, b'{"id": 1}'), id="as declared"),
        pytest.param(
            answered("/notes/1?x=2", 200, b'{"id": 1}', "application/json; charset=utf-8"), id="parameters"
        ),
        pytest.param(answered("/notes/1", 204, method="DELETE"), id="no body"),
        pytest.param(answered("/nowhere", 404, b"{}"), id="a path that is not declared"),
        pytest.param(answered("/notes/1", 405, b"{}", method="PUT"), id="a method that is not declared"),
        pytest.param(Exchange("GET", "/notes/1"), id="no response"),
    ],
)
def test_what_is_declared_is_no_fault(exchange):
    assert undeclared(DOCUMENT, [exchange]) == []


@pytest.mark.parametrize(
    ("exchange", "fault"),
    [
        pytest.param(
            answered("/notes/1", 422, b"{}"),
            "GET /notes/{note_id} answers 422, which /openapi.json does not declare: add it to `responses`",
            id="status",
        ),
        pytest.param(
            answered("/notes/1", 200, b'{"id": 1}', "text/plain"),
            "GET /notes/{note_id} answers 200 with text/plain; /openapi.json declares application/json",
            id="media type",
        ),
        pytest.param(
            answered("/notes/1", 404, b"{}"),
            "GET /notes/{note_id} answers 404 with application/json; /openapi.json declares no body",
            id="body",
        ),
        pytest.param(
            answered("/notes/1", 200, b'{"id": "1"}'),
            "GET /notes/{note_id} answers 200 against its own model: id: '1' is not of type 'integer'",
            id="model",
        ),
        pytest.param(
            answered("/notes/last", 200, b"1"),
            "GET /notes/last declares no model for 200: name its type",
            id="no model, and the literal path before the one with a parameter",
        ),
    ],
)
def test_each_way_to_answer_what_is_not_declared_is_told_once(exchange, fault):
    assert undeclared(DOCUMENT, [exchange, exchange]) == [fault]


def test_a_reference_that_does_not_declare_what_it_answers_is_not_sound(course):
    course.edit(
        "solution/tiny/main.py", "from fastapi import FastAPI", "from fastapi import FastAPI, Response"
    )
    course.edit(
        "solution/tiny/main.py",
        "    return new",
        '    return Response(new.model_dump_json(), media_type="application/greeting+json")',
    )

    problem, _ = verify_reference(course.exercise)

    assert problem == (
        "PUT /greeting answers 200 with application/greeting+json; /openapi.json declares application/json"
    )


def test_a_reference_without_a_document_is_not_sound(course):
    course.edit("solution/tiny/main.py", "app = FastAPI()", "app = FastAPI(openapi_url=None)")

    problem, _ = verify_reference(course.exercise)

    assert problem == "GET /openapi.json is answered with 404"
