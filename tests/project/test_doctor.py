"""The doctor finds what is missing, says what to install, and tells needed from optional."""

from importlib import metadata

import psutil
import pytest
from packaging.requirements import Requirement

from autograder.machine import doctor
from autograder.machine.doctor import Status, package_findings, problems, python_findings, report


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_a_machine_that_runs_these_tests_can_grade(tmp_path):
    findings = report(tmp_path)
    assert problems(findings) == []
    assert {"Python", "packages for grading", "sandbox", "Chromium", "make", "git", "cores", "memory", "disk"} <= set(
        by_name(findings)
    )


def test_every_sandbox_problem_is_a_line_with_its_remedy(tmp_path, monkeypatch):
    found = [
        "bubblewrap is missing: sudo apt install bubblewrap",
        "The student room needs Linux.",
    ]
    monkeypatch.setattr(doctor, "sandbox_problems", lambda: found)
    lacking = problems(report(tmp_path))
    assert [(each.found, each.remedy) for each in lacking] == [
        ("bubblewrap is missing", "sudo apt install bubblewrap"),
        ("cannot work here", "The student room needs Linux."),
    ]


def test_missing_programs_do_not_keep_it_from_grading(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(doctor, "sandbox_problems", list)
    findings = report(tmp_path)
    assert problems(findings) == []
    for name, remedy in [("Chromium", "sudo apt install chromium"), ("make", "sudo apt install make")]:
        assert by_name(findings)[name].status is Status.OPTIONAL
        assert by_name(findings)[name].remedy == remedy


@pytest.mark.parametrize(("needed", "status"), [(True, Status.LACKING), (False, Status.OPTIONAL)])
def test_packages_missing_or_of_a_wrong_version(needed, status):
    requirements = [Requirement("numpy"), Requirement("numpy<1"), Requirement("no-such-package")]
    findings = list(package_findings("grading", "grading", needed, requirements))
    assert [(each.name, each.status) for each in findings] == [("numpy", status), ("no-such-package", status)]
    assert findings[0].found == f"{metadata.version('numpy')}, wanted <1 (packages for grading)"
    assert findings[1].found == "missing (packages for grading)"
    assert findings[1].remedy == "pip install -c constraints.txt -e '.[grading]'"


def test_a_python_too_old(monkeypatch):
    monkeypatch.setattr("platform.python_version", lambda: "3.10.9")
    assert [(each.name, each.remedy) for each in problems(python_findings())] == [("Python", "Python >=3.11")]


def test_a_course_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(doctor, "DISTRIBUTION", "no-such-course")
    assert [(each.found, each.remedy) for each in problems(python_findings())] == [("not installed", "make setup")]


def test_scarce_memory_is_said_and_does_not_keep_it_from_grading(tmp_path, monkeypatch):
    scarce = psutil.virtual_memory()._replace(available=2**29)
    monkeypatch.setattr("psutil.virtual_memory", lambda: scarce)
    finding = by_name(report(tmp_path))["memory"]
    assert (finding.status, finding.found) == (Status.OPTIONAL, "0.5 GiB free, 2 GiB wanted")
