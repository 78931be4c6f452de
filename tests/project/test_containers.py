"""The container image, the devcontainer, Binder's files and the hub's values agree with the project and each other."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from autograder.machine.system_packages import BUBBLEWRAP, LIBSECCOMP
from autograder.publish.bundle import build_bundle
from tests.machines.dockerfile import read_dockerfile

ROOT = Path(__file__).resolve().parents[2]
STAGES = read_dockerfile(ROOT / "Dockerfile")
INSTRUCTIONS = [each for stage in STAGES for each in stage.instructions]
FINAL = STAGES[-1].instructions
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
SCRIPT = ROOT / "docker" / "image.sh"
VALUES = yaml.safe_load((ROOT / "docker" / "jupyterhub_values.yaml").read_text())


def last(word: str) -> list[str]:
    """The words of the last instruction of this kind in the last stage."""
    return [each for each in FINAL if each.word == word][-1].words


def tracked(*paths: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z", *paths], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name]


def test_the_image_runs_as_an_ordinary_user_and_starts_a_server() -> None:
    assert last("USER") == ["1000:100"]
    assert last("ENTRYPOINT") == ["tini", "-g", "--", "course-home"]
    assert last("CMD") == ["course-server"]
    after = [each.word for each in FINAL][[each.word for each in FINAL].index("USER") :]
    assert "RUN" not in after, "what runs after USER may not write to the image"


def test_every_step_of_the_script_is_run_once_and_nothing_else() -> None:
    runs = [each.text for each in INSTRUCTIONS if each.word == "RUN"]
    assert runs == [f"sh docker/image.sh {step}" for step in ("system", "packages", "bundle", "course")]
    assert re.findall(r"^(\w+)\(\) \{", SCRIPT.read_text(), re.MULTILINE) == ["system", "packages", "bundle", "course"]


def test_what_is_copied_is_in_git_and_not_ignored() -> None:
    ignored = [
        line.removeprefix("**/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] != "#"
    ]
    sources = [name for each in INSTRUCTIONS if each.word == "COPY" for name in each.words[:-1] if name[:2] != "--"]
    wanted = [name for name in sources if name not in (".", "/opt/activation-course")]
    assert wanted, sources
    for name in wanted:
        assert tracked(name), name
        assert not any(fnmatch(part, pattern) for part in Path(name).parts for pattern in ignored), name


def test_packages_are_installed_before_anything_that_changes_daily_is_copied() -> None:
    order = [each.text for each in INSTRUCTIONS]
    assert order.index("sh docker/image.sh packages") < order.index(". ./")


def test_only_the_students_part_leaves_the_stage_that_has_the_answers() -> None:
    [whole] = [stage for stage in STAGES if any(each.text == ". ./" for each in stage.instructions)]
    assert whole.name == "bundle"
    assert STAGES[-1].base != whole.name
    taken = [each.words for each in FINAL if each.word == "COPY" and each.words[0] == f"--from={whole.name}"]
    assert taken == [["--from=bundle", "/opt/activation-course", "/opt/activation-course"]]


def test_the_bundle_needs_nothing_that_the_build_leaves_out(tmp_path: Path) -> None:
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(tmp_path)], input=archive, check=True)
    for pattern in IGNORED:
        for path in list(tmp_path.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert not (tmp_path / "tests").exists()
    target = build_bundle(tmp_path, tmp_path / "bundle.zip")
    assert any(name.endswith("course/lessons/00_start_here.ipynb") for name in zipfile.ZipFile(target).namelist())


@pytest.mark.parametrize("name", ["image.sh", "course-home", "course-server"])
def test_scripts_are_well_formed(name: str) -> None:
    assert subprocess.run(["sh", "-n", str(ROOT / "docker" / name)], check=False).returncode == 0
    mode = subprocess.run(
        ["git", "ls-files", "-s", f"docker/{name}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert mode.stdout.startswith("100644" if name == "image.sh" else "100755")


def test_an_unknown_step_is_one_line() -> None:
    done = subprocess.run(["sh", str(SCRIPT), "all"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "image.sh: say which step: system, packages, bundle or course\n")


def test_the_image_has_what_the_sandbox_needs_of_the_system() -> None:
    words = shlex.split(SCRIPT.read_text(), comments=True)
    for package in (BUBBLEWRAP, LIBSECCOMP):
        assert package.names["apt"] in words, package.name


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, str]:
    """Stand-ins for the servers that say what they are called with, and a home of its own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("jupyter", "jupyterhub-singleuser"):
        path = folder / name
        path.write_text(f'#!/bin/sh\necho {name} "$@"\n')
        path.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path / "home with a blank")}


def run(name: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    script = (ROOT / "docker" / name).read_text()
    return subprocess.run(
        ["sh", "-c", script, name, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_the_server_is_the_hubs_where_a_hub_started_it(programs: dict[str, str]) -> None:
    assert run("course-server", programs).stdout.startswith("jupyter lab --ip=0.0.0.0 --no-browser ")
    hub = programs | {"JUPYTERHUB_API_TOKEN": "x"}
    assert run("course-server", hub, "--debug").stdout == "jupyterhub-singleuser --debug\n"


def test_the_home_is_the_students_working_copy(programs: dict[str, str]) -> None:
    """Where the server starts, so that lessons lead to what nbgrader fetches."""
    python = f"{Path(sys.executable).parent}:{programs['PATH']}"
    environment = programs | {"PATH": python, "PYTHONPATH": str(ROOT)}
    assert run("course-home", environment, "echo", "started").stdout == "started\n"
    home = Path(programs["HOME"])
    lesson = home / "lessons" / "00_start_here.ipynb"
    assert lesson.is_file()
    assert (home / "ps1_from_scratch" / "ps1_from_scratch.ipynb").is_file()
    lesson.write_text("mine")
    run("course-home", environment, "true")
    assert lesson.read_text() == "mine"
    [default] = [word for word in run("course-server", programs).stdout.split() if "default_url" in word]
    assert default.endswith(f"/{lesson.relative_to(home)}")
    assert VALUES["singleuser"]["defaultUrl"].endswith(f"/{lesson.relative_to(home)}")


def test_a_home_that_cannot_be_written_to_opens_all_the_same(programs: dict[str, str]) -> None:
    Path(programs["HOME"]).write_text("a file")
    done = run("course-home", programs, "echo", "started")
    assert done.stdout == "started\n"
    assert "course-home: the lessons in" in done.stderr


def test_the_devcontainer_builds_the_image_and_installs_the_clone_for_its_user() -> None:
    folder = ROOT / ".devcontainer"
    container = json.loads((folder / "devcontainer.json").read_text())
    assert (folder / container["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert (folder / container["build"]["context"]).resolve() == ROOT
    assert f"--uid 1000 --gid users --shell /bin/bash {container['remoteUser']}" in SCRIPT.read_text()
    assert {"--user", "--no-deps", "--editable"} <= set(shlex.split(container["postCreateCommand"]))
    environment = dict(pair.split("=", 1) for each in FINAL if each.word == "ENV" for pair in each.words)
    assert environment["PATH"].split(":")[0] == f"{environment['HOME']}/.local/bin"  # pip's --user, autograder's place


def test_binder_gets_what_students_need_in_our_versions() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    options = dict(line.split(maxsplit=1) for line in lines if not line.startswith("#"))
    assert set(options) == {"--extra-index-url", "--constraint", "--editable"}
    assert (ROOT / "binder" / options["--constraint"]).resolve() == ROOT / "constraints.txt"
    assert options["--editable"] == "."  # pip takes it from the folder it is run in, which is the repository's
    runtime = (ROOT / "binder" / "runtime.txt").read_text().strip()
    lowest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert re.fullmatch(r"python-3\.\d+", runtime)
    assert [int(part) for part in runtime[7:].split(".")] >= [int(part) for part in lowest.split(".")[:2]]


def test_the_hubs_values_name_what_the_image_has() -> None:
    user = VALUES["singleuser"]
    assert f"{user['uid']}:{user['fsGid']}" == last("USER")[0]
    assert user["cmd"] == "jupyterhub-singleuser"
    assert user["cmd"] in (ROOT / "docker" / "course-server").read_text()
    settings = (ROOT / "docker" / "nbgrader_config.py").read_text()
    [mount] = user["storage"]["extraVolumeMounts"]
    assert f'c.Exchange.root = "{mount["mountPath"]}"' in settings
    assert [volume["name"] for volume in user["storage"]["extraVolumes"]] == [mount["name"]]
    [course] = re.findall(r'course_id = "(\w+)"', settings)
    assert course in re.findall(r'course_id = "(\w+)"', (ROOT / "nbgrader_config.py").read_text())
    hub = VALUES["hub"]["config"]
    assert set(hub["JupyterHub"]["load_groups"]) == {f"formgrade-{course}", f"nbgrader-{course}"}
    [override] = hub["KubeSpawner"]["group_overrides"].values()
    assert override["groups"] == [f"formgrade-{course}"]


def test_the_image_has_one_version_of_jupyterhub() -> None:
    lines = (ROOT / "docker" / "hub.txt").read_text().splitlines()
    wanted = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("jupyterhub==")]
    assert [line for line in lines if line.startswith("jupyterhub==")] == wanted
    assert len(wanted) == 1, "the version with which the hub is tested"
