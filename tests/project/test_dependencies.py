"""pyproject.toml is the one list of dependencies; environment.yml and constraints.txt agree with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from autograder.machine.system_packages import BY_NAME
from autograder.publish.bundle import bundle_files, conda_requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STUDENTS = PROJECT["dependencies"]
GRADING = PROJECT["optional-dependencies"]["grading"]
NOT_ON_CONDA_FORGE = ["pyseccomp"]
LINUX_ONLY = {"pyseccomp"}


def packages(environment: str) -> tuple[set[str], set[str]]:
    """The packages that conda and pip get: names with ranges, in one spelling."""
    entries = yaml.safe_load(environment)["dependencies"]
    [pip] = [entry["pip"] for entry in entries if isinstance(entry, dict)]
    return {entry for entry in entries if isinstance(entry, str)}, set(pip)


def test_environment_has_the_packages_and_ranges_of_pyproject():
    conda, pip = packages((ROOT / "environment.yml").read_text())
    from_pip = {each for each in GRADING if Requirement(each).name in NOT_ON_CONDA_FORGE}
    wanted = {conda_requirement(each) for each in {*STUDENTS, *GRADING} - from_pip}
    assert conda == wanted | {f"python{PROJECT['requires-python']}", "pip"}
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


def test_no_environment_asks_another_system_for_what_is_linux_alone():
    system = {package.names["conda"] for package in BY_NAME.values() if "conda" in package.names} - {"python"}
    for text in ((ROOT / "environment.yml").read_text(), bundle_files(ROOT)["environment.yml"].decode()):
        conda, pip = packages(text)
        assert (system | {"make"}).isdisjoint(conda)
        assert [
            each for each in pip if each.startswith(tuple(LINUX_ONLY)) and "sys_platform == 'linux'" not in each
        ] == []
    for text in [*STUDENTS, *GRADING]:
        requirement = Requirement(text)
        on_windows = requirement.marker is None or requirement.marker.evaluate({"sys_platform": "win32"})
        assert on_windows is (requirement.name not in LINUX_ONLY), text


def test_constraints_pin_every_dependency_within_its_range():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pins = [Requirement(line) for line in lines]
    for text in [*STUDENTS, *(each for extra in PROJECT["optional-dependencies"].values() for each in extra)]:
        requirement = Requirement(text)
        versions = [str(pin.specifier).removeprefix("==") for pin in pins if pin.name == requirement.name]
        assert versions, text
        assert all(requirement.specifier.contains(version, prereleases=True) for version in versions), text
    assert [line for line in lines if not re.match(r"[\w.-]+==[\w.]+( ; |$)", line)] == []


def test_jsonschema_stays_below_the_version_whose_import_takes_two_seconds():
    [pin] = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("jsonschema==")]
    assert Requirement("jsonschema<4.25").specifier.contains(pin.partition("==")[2])
