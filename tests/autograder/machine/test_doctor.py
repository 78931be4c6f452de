"""The doctor finds what is missing, says what to install, and tells needed from optional."""

from __future__ import annotations

import os
import sys
from importlib import metadata

import psutil
import pytest
from packaging.requirements import Requirement
from rich.console import Console

from autograder import cli
from autograder.machine import doctor
from autograder.machine.doctor import (
    Status,
    fair_share_findings,
    package_findings,
    problems,
    python_findings,
    report,
    wall_findings,
)
from autograder.room import control_group, walls
from autograder.room.walls import Problem


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_a_machine_that_runs_these_tests_can_grade(tmp_path):
    findings = report(tmp_path)
    assert problems(findings) == []
    assert {"Python", "packages for grading", "wall", "Chromium", "make", "git", "cores", "memory", "disk"} <= set(
        by_name(findings)
    )


def lacking(monkeypatch, **found):
    """Let walls lack what is given by name."""
    monkeypatch.setattr(walls, "problems", lambda name: tuple(found.get(name, ())))


NO_BUBBLEWRAP = Problem("bubblewrap is missing", "sudo apt install bubblewrap")
NO_LANDLOCK = Problem("this kernel has no Landlock", "Linux 5.13")


def rows(findings):
    return [(each.name, each.status, each.found, each.remedy) for each in findings]


def test_both_walls_and_the_one_that_is_used(monkeypatch):
    lacking(monkeypatch)
    assert rows(wall_findings()) == [
        ("wall", Status.OK, "namespaces (bubblewrap) and a system call filter", ""),
        ("wall: namespaces", Status.OK, "works; is used", ""),
        ("wall: landlock", Status.OK, "works; not needed", ""),
    ]


def test_with_one_wall_missing_the_other_is_used_and_the_machine_can_grade(monkeypatch):
    lacking(monkeypatch, namespaces=[NO_BUBBLEWRAP])
    first, *others = rows(wall_findings())
    assert first[:2] == ("wall", Status.OK)
    assert first[2].startswith("Landlock (ABI ")
    assert others == [
        ("wall: namespaces", Status.OPTIONAL, "bubblewrap is missing", "sudo apt install bubblewrap"),
        ("wall: landlock", Status.OK, "works; is used", ""),
    ]


def test_without_a_wall_every_problem_is_a_line_with_its_remedy(monkeypatch):
    other = Problem("libseccomp is missing", "sudo apt install libseccomp2")
    lacking(monkeypatch, namespaces=[NO_BUBBLEWRAP, other], landlock=[NO_LANDLOCK])
    first, *others = rows(wall_findings())
    assert first[:2] == ("wall", Status.LACKING)
    assert "nothing is graded without one" in first[2]
    assert others == [
        ("wall: namespaces", Status.LACKING, NO_BUBBLEWRAP.what, NO_BUBBLEWRAP.remedy),
        ("wall: namespaces", Status.LACKING, other.what, other.remedy),
        ("wall: landlock", Status.LACKING, NO_LANDLOCK.what, NO_LANDLOCK.remedy),
    ]


def test_a_remedy_is_printed_whole_however_narrow_the_terminal(monkeypatch, capsys):
    command = f"sudo install -m 644 /{'x' * 100} /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap"
    lacking(monkeypatch, namespaces=[Problem("AppArmor", command)], landlock=[NO_LANDLOCK])
    monkeypatch.setattr(cli, "console", Console(width=40))
    monkeypatch.setattr(sys, "argv", ["autograder", "doctor"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    assert f"- wall: namespaces: {command}" in capsys.readouterr().out.splitlines()


def test_missing_programs_do_not_keep_it_from_grading(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    lacking(monkeypatch)
    findings = report(tmp_path)
    assert problems(findings) == []
    for name, remedy in [("Chromium", "this system's package manager: Chromium"), ("make", "sudo apt install make")]:
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


def test_where_a_wheel_was_installed_there_is_no_clone_to_install_from(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "CHECKOUT", tmp_path / "pyproject.toml")
    (found,) = package_findings("grading", "grading", True, [Requirement("no-such-package")])
    assert found.remedy == "pip install 'activation-course[grading]'"


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
    assert (finding.status, finding.found) == (Status.OPTIONAL, "0.5 GiB free, 2 GiB needed")


@pytest.mark.parametrize(
    ("made", "said"), [(True, "weigh as one process (control group)"), (False, "no control group can be made")]
)
def test_one_line_says_what_keeps_rooms_from_slowing_the_rest(monkeypatch, tmp_path, made, said):
    (tmp_path / "cpu").mkdir()
    monkeypatch.setattr(os, "sched_getscheduler", lambda pid: os.SCHED_OTHER)
    monkeypatch.setattr(control_group, "own_group_of_version_1", lambda _: tmp_path / ("cpu" if made else "not there"))
    monkeypatch.setattr(control_group, "own_group_of_version_2", lambda: tmp_path / "not there")
    ((name, status, found, _),) = rows(fair_share_findings())
    assert (name, status) == ("fair share", Status.OK)
    assert found.endswith(said)
