"""The leak gate lets the real release through and stops every kind of planted leak."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.publish import leaks
from autograder.publish.bundle import bundle_files
from autograder.publish.leaks import find_leaks

ROOT = Path(__file__).resolve().parents[3]
PS1 = "release/ps1_from_scratch/ps1_from_scratch.ipynb"
LESSON = "course/lessons/02_classic_activations.ipynb"


@pytest.fixture(scope="module")
def clean() -> dict[str, bytes]:
    return bundle_files(ROOT)


@pytest.fixture(scope="module", autouse=True)
def _secrets_read_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaks, "secrets_of", functools.cache(leaks.secrets_of))
        yield


def plant(files: dict[str, bytes], path: str, source: str, **extra) -> dict[str, bytes]:
    """One of the notebooks, with one more code cell."""
    notebook = json.loads(files[path])
    cell = {"cell_type": "code", "id": "planted", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].append(cell | {"source": source.splitlines(keepends=True)} | extra)
    return {path: json.dumps(notebook).encode()}


def kinds(files: dict[str, bytes]) -> set[str]:
    return {leak.kind for leak in find_leaks(ROOT, files)}


def test_release_and_bundle_are_clean(clean):
    paths = [path.relative_to(ROOT) for path in sorted((ROOT / "release").rglob("*")) if path.is_file()]
    shown = [path for path in paths if not any(part.startswith(".") for part in path.parts)]
    release = {path.as_posix(): (ROOT / path).read_bytes() for path in shown}
    assert PS1 in release
    assert find_leaks(ROOT, release) == []
    assert find_leaks(ROOT, clean) == []


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("### BEGIN SOLUTION\npass\n### END SOLUTION", "solution marker"),
        ("### BEGIN HIDDEN TESTS", "hidden test marker"),
        ("=== BEGIN MARK SCHEME ===", "mark scheme marker"),
        ("negative = ALPHA * np.expm1(np.minimum(x, 0))", "solution"),
        ("#   negative=ALPHA*np.expm1( np.minimum(x,0) )", "solution"),
        ("ranges=[(-20, -3), (-3, 3), (3, 20)],", "hidden test"),
        ("from autograder.reference import numpy_reference", "instructor module"),
    ],
)
def test_one_line_in_its_own_assignment_is_caught(clean, source, kind):
    assert kind in kinds(plant(clean, PS1, source))


def test_a_leak_says_where_it_is(clean):
    [leak] = find_leaks(ROOT, plant(clean, PS1, "y = 1\nsmall = np.exp(-np.abs(x))"))
    number = len(json.loads(clean[PS1])["cells"]) + 1
    assert str(leak) == f"{PS1}, cell {number} (planted), line 2: solution: small = np.exp(-np.abs(x))"


def test_a_solution_in_an_output_or_in_metadata_is_caught(clean):
    answer = "return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))"
    output = {"output_type": "error", "ename": "E", "evalue": "", "traceback": [f"----> 3     {answer}"]}
    assert kinds(plant(clean, PS1, "x", outputs=[output])) == {"solution"}
    assert kinds(plant(clean, PS1, "x", metadata={"note": answer})) == {"solution"}


@pytest.mark.parametrize(
    ("origin", "lines", "kind"),
    [
        ("source/ps1_from_scratch/ps1_from_scratch.py", "    return np.maximum(x, 0) + np.log1p(", "solution"),
        (
            "autograder/practice/answers/ps1_from_scratch/hardswish.py",
            "    return (x * np.minimum(np.max",
            "catalogued answer",
        ),
        (
            "autograder/hidden_checks/elementwise.py",
            "def check_elementwise(",
            "text of autograder/hidden_checks/elementwise.py",
        ),
        ("autograder/reference/numpy_reference.py", "def mish(", "text of autograder/reference/numpy_reference.py"),
        ("tests/autograder/publish/test_leaks.py", "def plant(", "text of tests/autograder/publish/test_leaks.py"),
    ],
)
@pytest.mark.parametrize("path", [LESSON, "course/checks/scoring.py", "README.md"])
def test_a_passage_is_caught_anywhere(clean, origin, lines, kind, path):
    text = (ROOT / origin).read_text()
    start = text.index(lines)
    passage = "\n".join(text[start:].splitlines()[:6])
    planted = plant(clean, path, passage) if path == LESSON else {path: clean[path] + passage.encode()}
    assert kind in kinds(planted)


def test_quiz_keys_and_feedback_are_caught(clean):
    quiz = "course/quizzes/02_classic_activations.json"
    feedback = "σ(1 − σ) is largest where σ = 1/2, at x = 0, and is 1/4 there."
    choice = {"text": "1/4", "correct": True, "feedback": feedback}
    unsealed = json.dumps({"questions": [{"choices": [choice]}]}, indent=1)
    assert kinds({quiz: unsealed.encode()}) == {"quiz key", "quiz feedback"}
    assert kinds(plant(clean, LESSON, f"# {feedback}")) == {"quiz feedback"}
    key = (ROOT / "autograder" / "publish" / "quiz_sources" / "02_classic_activations.toml").read_bytes()
    assert {"quiz key", "quiz feedback"} <= kinds({"course/quizzes/02.toml": key})


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("autograder/cli.py", "not for students"),
        ("source/ps1/data.csv", "not for students"),
        ("tests/test_x.py", "not for students"),
        (".github/workflows/test.yml", "not for students"),
        (LESSON.replace(".ipynb", ".py"), "text twin"),
        (PS1.replace(".ipynb", ".py"), "text twin"),
        ("course/lessons/jupytext.toml", "instructor settings"),
        ("course/nbgrader_config.py", "instructor settings"),
        ("course/jupyter_server_config.py", "instructor settings"),
    ],
)
def test_a_file_out_of_place_is_caught(clean, path, kind):
    assert kinds(clean | {path: b""}) == {kind}


def test_settings_for_students_say_the_course_and_its_exchange_alone(clean):
    allowed = clean["nbgrader_config.py"] + b"c.Exchange.root = '/srv'\n"
    assert kinds({"nbgrader_config.py": allowed}) == set()
    for line in (b"c.CourseDirectory.db_url = 'x'\n", b"c.Autograde.x = 1\n"):
        assert kinds({"nbgrader_config.py": allowed + line}) == {"instructor settings"}


def test_a_release_paired_with_a_twin_is_caught(clean):
    notebook = json.loads(clean[PS1])
    notebook["metadata"]["jupytext"] = {"formats": "ipynb,py:percent"}
    assert kinds({PS1: json.dumps(notebook).encode()}) == {"pairing with a text twin"}


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\n\nfrom course.checks import Checks, expect_array, expect_close",
        'def selu(x):\n    """SELU of every element of x: same shape, same dtype."""\n    raise NotImplementedError',
        "x = np.linspace(-3, 3, 101)\ny = np.tanh(x)",
    ],
)
def test_what_students_see_anyway_is_no_leak(clean, source):
    assert find_leaks(ROOT, plant(clean, PS1, source)) == []
    assert find_leaks(ROOT, plant(clean, LESSON, source)) == []
