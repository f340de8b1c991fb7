"""Mutants: each operator makes the faults that it should, what says nothing is left alone, and choices are fair."""

import textwrap

import pytest

from ladder.authoring.mutants import find_mutants, sample
from ladder.authoring.syntax import Package


@pytest.fixture
def mutants(tmp_path):
    """Make the mutants of a module, and give the changed lines of each as one text."""

    def mutants(source, kind=None, **others):
        for name, text in {"main": source, **others}.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        return [
            "\n".join(line[1:].strip() for line in one.difference.splitlines()[3:] if line.startswith("+"))
            for one in find_mutants(tmp_path)
            if one.file == "main.py" and kind in {None, one.kind}
        ]

    return mutants


@pytest.mark.parametrize(
    ("kind", "source", "expected"),
    [
        pytest.param("comparison", "x = a < b", ["x = a >= b"], id="less"),
        pytest.param("comparison", "x = a == b", ["x = a != b"], id="equal"),
        pytest.param("comparison", "x = a is not b", ["x = a is b"], id="is not"),
        pytest.param("comparison", "x = a not  in (b)", ["x = a in (b)"], id="not in"),
        pytest.param(
            "comparison", "x = 0 <= f(a) < 5", ["x = 0 > f(a) < 5", "x = 0 <= f(a) >= 5"], id="two of them"
        ),
        pytest.param("boundary", "x = (a) <= b", ["x = (a) < b"], id="limit left out"),
        pytest.param("boundary", "x = a > b", ["x = a >= b"], id="limit let in"),
        pytest.param("boundary", "x = a == b", [], id="no boundary"),
        pytest.param("arithmetic", "x = a + 1", ["x = a - 1"], id="sum"),
        pytest.param("arithmetic", "x = a // b", ["x = a * b"], id="quotient"),
        pytest.param("arithmetic", "x = -a", ["x = a"], id="minus"),
        pytest.param("arithmetic", "x = a + 'b'", [], id="texts"),
        pytest.param("boolean", "x = a and b", ["x = a or b", "x = b", "x = a"], id="and"),
        pytest.param(
            "boolean",
            "x = a and (b or c)",
            [
                "x = a or (b or c)",
                "x = (b or c)",
                "x = a",
                "x = a and (b and c)",
                "x = a and (c)",
                "x = a and (b)",
            ],
            id="and, or",
        ),
        pytest.param("boolean", "x = not a", ["x = a"], id="not"),
        pytest.param("boolean", "if a:\n    f()", ["if True:", "if False:"], id="if"),
        pytest.param("boolean", "while a:\n    f()", ["while False:"], id="while"),
        pytest.param(
            "boolean", "x = b if a else c", ["x = b if True else c", "x = b if False else c"], id="if else"
        ),
        pytest.param("boolean", "if (a := f()):\n    g(a)", [], id="a name that the block needs"),
        pytest.param("boolean", "x = [a for a in b if a]", ["x = [a for a in b if True]"], id="filter"),
        pytest.param("constant", "x = 5", ["x = 6", "x = 4"], id="number"),
        pytest.param("constant", "x = 0", ["x = 1", "x = (-1)"], id="zero"),
        pytest.param("constant", "x = 0.5", ["x = 1.0", "x = 0.25"], id="float"),
        pytest.param("constant", "x = True", ["x = False"], id="truth"),
        pytest.param("constant", "x = 'a'", ["x = 'ax'"], id="text"),
        pytest.param("constant", "x = 2**31 - 1", ["x = 2**31 - 2", "x = 2**31 - 0"], id="power"),
        pytest.param(
            "status",
            "a = status.HTTP_404_NOT_FOUND\nb = status.HTTP_201_CREATED",
            ["a = status.HTTP_400_BAD_REQUEST", "b = status.HTTP_202_ACCEPTED"],
            id="status",
        ),
        pytest.param("statement", "def f(a):\n    a.x = 1\n    g(a)", ["pass", "pass"], id="statements"),
        pytest.param(
            "statement", "def f():\n    a = 1\n    a = g(a)", ["pass"], id="a name that is known before"
        ),
        pytest.param(
            "statement", "def f(a):\n    if a:\n        raise g", [], id="what a condition does as well"
        ),
        pytest.param("statement", "def f(a):\n    for b in a:\n        g(b)", ["pass", "pass"], id="loop"),
        pytest.param("commit", "def f(s):\n    s.commit()", ["pass"], id="commit"),
        pytest.param(
            "field", "class A(B):\n    a: int\n    b: int = 1", ["pass", "pass", "b: int"], id="fields"
        ),
        pytest.param("field", "class A:\n    a: int", [], id="a class that nobody validates"),
        pytest.param("field", "class A(B, table=True):\n    a: int = 1", ["pass"], id="column"),
        pytest.param(
            "decorator",
            "class A(B):\n    @model_validator(mode='after')\n    def f(s): ...",
            [""],
            id="check",
        ),
        pytest.param("context", "with a:\n    f()", ["if True:"], id="lock"),
        pytest.param("context", "with a as b:\n    f(b)", [], id="a context with a name"),
        pytest.param("handler", "try:\n    f()\nexcept A:\n    g()", ["except ():"], id="except"),
        pytest.param("await", "async def f():\n    await g()", ["g()"], id="await"),
        pytest.param("return", "def f() -> int:\n    return a", ["return None"], id="return"),
        pytest.param(
            "return",
            "def f() -> bool:\n    return a == b",
            ["return None", "return not (a == b)"],
            id="truth",
        ),
        pytest.param(
            "return", "def f() -> list[int]:\n    return a", ["return None", "return []"], id="list"
        ),
        pytest.param("return", "def f() -> None:\n    return None", [], id="return nothing"),
        pytest.param("element", "x = [a, b]", ["x = [b]", "x = [a]"], id="list literal"),
        pytest.param("element", "x = a, b", ["x = (b,)", "x = (a,)"], id="tuple"),
        pytest.param("element", "for x, y in [(a, b)]:\n    f()", [], id="rows that are unpacked"),
        pytest.param("element", "x = Literal[a, b]", ["x = Literal[b]", "x = Literal[a]"], id="literal"),
        pytest.param("element", "x = {'a': b, **c}", ["x = {**c}", "x = {'a': b}"], id="dictionary"),
        pytest.param(
            "constraint",
            "X = Annotated[int, Field(ge=1, le=2)]",
            ["X = int", "X = Annotated[int, Field(le=2)]", "X = Annotated[int, Field(ge=1)]"],
            id="Annotated",
        ),
        pytest.param(
            "constraint", "class A(B):\n    a: NonBlank | None", ["a: str | None"], id="constrained type"
        ),
        pytest.param("constraint", "class A(B):\n    a: int = Field(le=2)", ["a: int = Field()"], id="Field"),
        pytest.param(
            "constraint",
            "X = Annotated[int, Field()]\nclass A(B):\n    a: X\n    b: X",
            ["X = int", "a: int", "b: int"],
            id="a type of its own that is used twice",
        ),
        pytest.param("depends", "X = Annotated[int, Depends(f)]", ["X = int"], id="Depends"),
        pytest.param("optional", "class A(B):\n    a: int | None", ["a: int"], id="optional"),
        pytest.param("optional", "class A(B):\n    a: int | None = Field(primary_key=True)", [], id="key"),
        pytest.param("optional", "class A(BaseSettings):\n    a: int | None", [], id="setting"),
        pytest.param("keyword", "x = f(a, b=1, c=2)", ["x = f(a, c=2)", "x = f(a, b=1)"], id="keywords"),
        pytest.param("keyword", "x = f(a=True)", [], id="a truth value, which is turned"),
        pytest.param(
            "decorator", "@app.get('/a', status_code=x)\ndef f(): ...", ["@app.get('/a')"], id="option"
        ),
        pytest.param("argument", "x = q.where(a, b)", ["x = q.where(b)", "x = q.where(a)"], id="conditions"),
        pytest.param(
            "query", "x = q.where(a).order_by(b)", ["x = q.order_by(b)", "x = q.where(a)"], id="links"
        ),
        pytest.param("query", "x = ','.join(a)", [], id="the join of a text"),
        pytest.param("text", "x = a.strip().lower()", ["x = a.lower()", "x = a.strip()"], id="text"),
        pytest.param(
            "order",
            "x = q.order_by(a, b.desc())",
            [
                "x = q.order_by(b.desc(), a)",
                "x = q.order_by(a.desc(), b.desc())",
                "x = q.order_by(a, b.asc())",
            ],
            id="order",
        ),
        pytest.param(
            "order",
            "x = min(a) + f(asc(b))",
            ["x = max(a) + f(asc(b))", "x = min(a) + f(desc(b))"],
            id="twins",
        ),
        pytest.param(
            "order",
            "def f(a: int, b: int, c: str): ...\nx = f(1, 2, 3)",
            ["x = f(2, 1, 3)"],
            id="arguments of one type",
        ),
    ],
)
def test_each_operator_makes_its_faults(mutants, kind, source, expected):
    assert sorted(mutants(source, kind)) == sorted(expected)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('"""What it is."""', id="docstring"),
        pytest.param("from a import b", id="import"),
        pytest.param("def f(a: int | None): ...", id="an annotation for mypy"),
        pytest.param("def f() -> int | None: ...", id="what comes back"),
        pytest.param("app = FastAPI(title='A', version='1')", id="title"),
        pytest.param(
            "@app.get('/a', tags=['a'], responses={404: {}}, summary='A')\ndef f(): ...", id="decorator"
        ),
        pytest.param("router = APIRouter(prefix='/a')", id="prefix"),
        pytest.param("app.include_router(router)", id="router"),
        pytest.param(
            "class E(Exception):\n    def __init__(self):\n        super().__init__('a')", id="wording"
        ),
        pytest.param("engine = open_engine(url, pool_size=5)", id="pool"),
        pytest.param("def f(s):\n    s.refresh(a)", id="refresh"),
        pytest.param("POOL_SIZE = 5", id="the same as a constant"),
        pytest.param("x = basicConfig(format='%(message)s')", id="how a log looks"),
        pytest.param("t = Table(Index('a', 'b'), UniqueConstraint('a'))", id="names of columns"),
        pytest.param("assert a is not None", id="assert"),
        pytest.param("if __name__ == '__main__':\n    main(1)", id="what a command does"),
        pytest.param("log = f'{a + 1}'", id="f-string"),
    ],
)
def test_what_says_nothing_is_left_alone(mutants, source):
    assert mutants(source) == []


def test_the_wording_of_an_error_is_left_alone_and_its_status_is_not(mutants):
    source = "def f():\n    raise HTTPException(status.HTTP_404_NOT_FOUND, 'None.')"

    assert mutants(source, "constant") == []
    assert mutants(source, "status") == ["raise HTTPException(status.HTTP_400_BAD_REQUEST, 'None.')"]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        pytest.param("@app.get('/a')\ndef f(a: NonBlank): ...", ["def f(a: str): ..."], id="route"),
        pytest.param(
            "def f(a: NonBlank): ...\nX = Annotated[A, Depends(f)]", ["def f(a: str): ..."], id="dependency"
        ),
        pytest.param("def f(a: NonBlank): ...", [], id="a function that FastAPI does not call"),
    ],
)
def test_an_annotation_counts_where_fastapi_reads_it(mutants, function, expected):
    assert mutants(function, "constraint") == expected


def test_what_another_module_says_counts_as_well(mutants):
    used = "class A(B):\n    a: X\n    b: X"

    assert mutants(used, "constraint", types="X = Annotated[int, Field()]") == ["a: int", "b: int"]


def test_a_mutant_that_means_what_another_one_does_is_made_once(mutants):
    assert mutants("x = f(a=b)") == ["x = f()"]
    assert mutants("x = not not a", "boolean") == ["x = not a"]


def test_text_with_letters_of_several_bytes_is_edited_at_the_right_place(mutants):
    assert mutants("x = {'é': 'ü', 'ß': a < b}", "comparison") == ["x = {'é': 'ü', 'ß': a >= b}"]


def test_a_mutant_knows_its_line_and_the_function_around_it(tmp_path):
    (tmp_path / "main.py").write_text("a = 1\n\n\n@f\ndef g(b):\n    return b\n")

    first, *_, last = find_mutants(tmp_path)

    assert (first.kind, first.line, list(first.lines_around)) == ("constant", 1, [1])
    assert (last.kind, last.line, list(last.lines_around)) == ("return", 6, [4, 5, 6])
    assert (
        last.difference
        == "--- main.py\n+++ main.py\n@@ -5,2 +5,2 @@\n def g(b):\n-    return b\n+    return None"
    )


@pytest.fixture
def many(tmp_path):
    """Give many mutants: of one kind in two files, and a few of another."""
    (tmp_path / "a.py").write_text("".join(f"x{number} = {number + 2}\n" for number in range(40)))
    (tmp_path / "b.py").write_text("x = 5\ny = a < b\n")
    return find_mutants(tmp_path)


def test_a_sample_holds_of_each_kind_and_file_as_many_as_can_be(many):
    chosen = sample(many, 6, seed=1)

    kinds = [one.kind for one in chosen]
    assert sorted(kinds) == ["boundary", "comparison", "constant", "constant", "constant", "constant"]
    assert [one.file for one in chosen if one.kind == "constant"] == ["a.py", "a.py", "b.py", "b.py"]


def test_the_same_seed_chooses_the_same_and_another_one_others(many):
    assert sample(many, 20, seed=1) == sample(many, 20, seed=1)
    assert sample(many, 20, seed=1) != sample(many, 20, seed=2)


def test_of_fewer_mutants_than_are_wanted_all_are_chosen_in_their_order(many):
    assert sample(many, 1000, seed=1) == many


def test_a_package_without_modules_has_nothing_to_change(tmp_path):
    assert find_mutants(tmp_path) == []
    assert Package.of([]).functions == {}
