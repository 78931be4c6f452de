"""pyproject.toml is the one list of dependencies; environment.yml and constraints.txt agree with it."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from autograder.bundle import bundle_files, conda_requirement
from autograder.machine.system_packages import BUBBLEWRAP, LIBSECCOMP

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STUDENTS = PROJECT["dependencies"]
GRADING = PROJECT["optional-dependencies"]["grading"]
NOT_ON_CONDA_FORGE = ["pyseccomp"]
NOT_PYTHON = [BUBBLEWRAP.conda, LIBSECCOMP.conda, "make"]


def packages(environment: str) -> tuple[set[str], set[str]]:
    """The packages that conda and pip get: names with ranges, in one spelling."""
    entries = yaml.safe_load(environment)["dependencies"]
    [pip] = [entry["pip"] for entry in entries if isinstance(entry, dict)]
    return {entry for entry in entries if isinstance(entry, str)}, set(pip)


def test_environment_has_the_packages_and_ranges_of_pyproject():
    conda, pip = packages((ROOT / "environment.yml").read_text())
    from_pip = {each for each in GRADING if Requirement(each).name in NOT_ON_CONDA_FORGE}
    wanted = {conda_requirement(each) for each in {*STUDENTS, *GRADING} - from_pip}
    assert conda == wanted | {f"python{PROJECT['requires-python']}", "pip", *NOT_PYTHON}
    assert pip == from_pip | {"-e .[grading]"}


def test_student_environment_has_only_the_student_packages():
    conda, pip = packages(bundle_files(ROOT)["environment.yml"].decode())
    assert conda == {conda_requirement(each) for each in STUDENTS} | {f"python{PROJECT['requires-python']}", "pip"}
    assert pip == {"-e ."}


@pytest.mark.parametrize(
    ("requirement", "conda"),
    [
        ("torch>=2.6,<3", "pytorch-cpu>=2.6,<3"),
        ("nbgrader>=0.9.5,<0.10", "nbgrader>=0.9.5,<0.10"),
        ("msgpack<2,>=1.1", "msgpack-python>=1.1,<2"),
        ("make", "make"),
    ],
)
def test_conda_names_and_ranges(requirement, conda):
    assert conda_requirement(requirement) == conda


def test_constraints_pin_every_dependency_within_its_range():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pins = {name.lower().replace("_", "-"): version for name, _, version in (line.partition("==") for line in lines)}
    for text in [*STUDENTS, *(each for extra in PROJECT["optional-dependencies"].values() for each in extra)]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(pins[requirement.name], prereleases=True), text
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
