"""What makes bare machines: it reads the Dockerfile, leaves no mount and no folder behind, and writes its page."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.machines import bare_machine, pip_settings
from tests.machines.bare_machine import Like, Machine, Refused, Step, image_steps, mounts_below, remove, user_steps
from tests.machines.dockerfile import read_dockerfile
from tests.machines.report import MARK, Outcome, last_line, merge, section

ROOT = Path(__file__).resolve().parents[2]

DOCKERFILE = """# a comment
ARG DEBIAN=bookworm
FROM debian:${DEBIAN}-slim AS base
WORKDIR /opt/image
COPY a.txt ./
RUN sh -c 'one' && \\
    two
FROM base AS whole
WORKDIR /opt/whole
COPY . ./
RUN build
FROM base
COPY --from=whole /opt/result /opt/result
ENV LANG=C.UTF-8 SHELL=/bin/bash
RUN last
ENTRYPOINT ["tini", "--"]
"""


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    path = tmp_path / "context" / "Dockerfile"
    path.parent.mkdir()
    path.write_text(DOCKERFILE)
    (path.parent / "a.txt").write_text("a")
    return path


def test_a_dockerfile_is_read_stage_by_stage(dockerfile: Path) -> None:
    stages = read_dockerfile(dockerfile, {"DEBIAN": "trixie"})
    assert [(stage.name, stage.base) for stage in stages] == [
        ("base", "debian:trixie-slim"),
        ("whole", "base"),
        ("", "base"),
    ]
    assert stages[0].instructions[2].text.split() == ["sh", "-c", "'one'", "&&", "two"]
    assert stages[2].instructions[-1].words == ["tini", "--"]


def test_an_unknown_instruction_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nHEALTHCHECK NONE\n")
    with pytest.raises(ValueError, match="HEALTHCHECK NONE"):
        read_dockerfile(tmp_path / "Dockerfile")


def test_the_stages_run_in_one_folder_and_what_one_brought_goes(dockerfile: Path, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "root", Like.CONTAINER, {})
    seen = []
    for step in image_steps(machine, read_dockerfile(dockerfile), dockerfile.parent):
        seen.append((" ".join(step.name.split()), step.command[step.command.index("--chdir") + 1]))
        if step.name == "build":
            assert (machine.root / "opt/whole/Dockerfile").exists()
    assert seen == [
        ("sh -c 'one' && two", "/opt/image"),
        ("build", "/opt/whole"),
        ("remove /opt/whole", "/"),
        ("last", "/opt/image"),
    ]
    assert (machine.root / "opt/image/a.txt").exists()
    assert machine.environment == {"LANG": "C.UTF-8", "SHELL": "/bin/bash"}
    assert machine.entrypoint == ["tini", "--"]


def test_a_container_lacks_what_a_machine_has_and_the_user_has_no_rights(tmp_path: Path) -> None:
    container = Machine(tmp_path, Like.CONTAINER, {}).enter(["true"], user=True)
    machine = Machine(tmp_path, Like.MACHINE, {}).enter(["true"], user=True)
    assert "CAP_SYS_ADMIN" not in container
    assert container[container.index("--proc") + 1] == "/proc"
    assert "ALL" in machine
    assert "--proc" not in machine
    for line in (container, machine):
        assert {"--unshare-pid", "--die-with-parent", "--clearenv"} <= set(line)
        assert {"--reuid=1000", "--regid=100", "--bounding-set=-all"} <= set(line)
        assert line[line.index("/dev/shm") - 3 : line.index("/dev/shm")] == [
            "--perms",
            "1777",
            "--tmpfs",
        ]  # as on any Linux
        assert line[-2:] == ["--", "true"]


def test_what_a_person_does_ends_with_the_demo_and_the_tests(tmp_path: Path) -> None:
    machine = Machine(tmp_path, Like.CONTAINER, {}, entrypoint=["tini", "--", "course-home"])
    steps = {step.name: step for step in user_steps(machine)}
    for name in ("make demo", "make test"):
        assert steps[name].command[-5:] == ["tini", "--", "course-home", "make", name.split()[1]]
        assert "--reuid=1000" in steps[name].command
    assert list(steps)[-1] == "make test"


# pip ------------------------------------------------------------------------------------------------------------------


def test_settings_of_files_and_of_the_environment_are_joined() -> None:
    listed = "global.cert='/a/b.crt'\nglobal.find-links='/wheels'\n:env:.find-links='/more'\ninstall.no-deps='1'\n"
    assert pip_settings.as_variables(
        listed, {"PIP_FIND_LINKS": "/more /wheels", "PIP_CERT": "/c.crt", "HOME": "/"}
    ) == {
        "PIP_CERT": "/c.crt",
        "PIP_FIND_LINKS": "/wheels /more",
        "PIP_NO_DEPS": "1",
    }


def test_files_that_settings_name_are_moved_out_of_the_way(tmp_path: Path) -> None:
    index = tmp_path / "mirror" / "simple"
    index.mkdir(parents=True)
    cert = tmp_path / "own.crt"
    cert.touch()
    settings = {
        "PIP_CERT": str(cert),
        "PIP_EXTRA_INDEX_URL": f"https://example.org/simple file://{index}",
        "PIP_FIND_LINKS": "/not/here https://example.org/wheels",
        "PIP_DEFAULT_TIMEOUT": "60",
    }
    changed, places = pip_settings.moved(settings, "/mnt/pip")
    assert changed == {
        "PIP_CERT": "/mnt/pip/0.crt",
        "PIP_EXTRA_INDEX_URL": "https://example.org/simple file:///mnt/pip/1/simple",
        "PIP_FIND_LINKS": "/not/here https://example.org/wheels",
        "PIP_DEFAULT_TIMEOUT": "60",
    }
    assert places == {cert: "/mnt/pip/0.crt", index.parent: "/mnt/pip/1"}


def test_uv_trusts_what_pip_trusts(tmp_path: Path) -> None:
    cert = tmp_path / "own.crt"
    cert.touch()
    line = Machine(tmp_path, Like.CONTAINER, {"PIP_CERT": str(cert)}).enter(["true"], user=True)
    assert line[line.index("SSL_CERT_FILE") + 1] == line[line.index("PIP_CERT") + 1] == "/mnt/pip/0.crt"
    assert "SSL_CERT_FILE" not in Machine(tmp_path, Like.CONTAINER, {}).enter(["true"], user=True)


# Leaving nothing behind -----------------------------------------------------------------------------------------------

MOUNTINFO = """\
25 1 0:23 / / rw - ext4 /dev/vda rw
40 25 0:5 / /tmp/bare-machine-1/debian/proc rw - proc proc rw
41 25 0:6 / /tmp/bare-machine-10 rw - tmpfs tmpfs rw
42 25 0:7 / /tmp/bare\\040machine rw - tmpfs tmpfs rw
"""


def test_mounts_are_found_by_whole_names() -> None:
    assert mounts_below(Path("/tmp/bare-machine-1"), MOUNTINFO) == ["/tmp/bare-machine-1/debian/proc"]
    assert mounts_below(Path("/tmp/bare machine"), MOUNTINFO) == ["/tmp/bare machine"]
    assert mounts_below(Path("/tmp/bare"), MOUNTINFO) == []


def test_nothing_is_removed_while_something_is_mounted_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    precious = tmp_path / "mounted" / "precious"
    precious.parent.mkdir()
    precious.touch()
    monkeypatch.setattr(bare_machine, "mounts_below", lambda folder, text: [str(precious.parent)])
    with pytest.raises(Refused, match="something is mounted there"):
        remove(tmp_path)
    assert precious.exists()
    monkeypatch.undo()
    remove(tmp_path)
    assert not tmp_path.exists()


WAITS = """
import signal, sys, time
from pathlib import Path
from tests.machines.bare_machine import folder_of_its_own
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
with folder_of_its_own(Path(sys.argv[1])) as folder:
    (folder / "file").touch()
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_folder_goes_however_it_ends(tmp_path: Path, name: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS, str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    assert len(list(tmp_path.iterdir())) == 1
    process.send_signal(getattr(signal, name))
    assert process.wait(timeout=60) != 0
    process.stdout.close()
    assert list(tmp_path.iterdir()) == []


# Refusals and the page ------------------------------------------------------------------------------------------------


def test_an_ordinary_user_is_told_to_be_root(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert bare_machine.main([]) == 1
    assert capsys.readouterr().err == "bare-machine: A bare machine is made by root on Linux: sudo make bare-machine\n"


def test_a_missing_program_and_a_full_disk_are_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Refused, match=r"^debootstrap is missing: sudo apt install debootstrap$"):
        bare_machine.check_host(Like.CONTAINER, tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("usage", (), {"free": 2**30})())
    with pytest.raises(Refused, match="has 1 GiB free, 12 are needed"):
        bare_machine.check_host(Like.CONTAINER, tmp_path)


def test_a_failed_step_of_the_image_ends_the_run_and_one_of_the_user_does_not(tmp_path: Path) -> None:
    lines: list[str] = []
    steps = [Step("first", ["sh", "-c", "echo bad; exit 3"], "image"), Step("second", ["true"], "image")]
    outcomes = bare_machine.run(iter(steps), tmp_path, lambda step: True, lines.append)
    assert [(each.name, each.status, each.said) for each in outcomes] == [
        ("first", 3, "bad"),
        ("second", None, "'first' failed"),
    ]
    steps = [Step("demo", ["false"], "demo"), Step("test", ["true"], "test"), Step("not asked", ["false"], "image")]
    outcomes = bare_machine.run(iter(steps), tmp_path, lambda step: step.goal != "image", lines.append)
    assert [(each.name, each.status) for each in outcomes] == [("demo", 1), ("test", 0)]


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("one\ntwo\n\n", "two"),
        ("\x1b[1mGrades:\x1b[0m  demo/grades.csv\n", "Grades:  demo/grades.csv"),
        ("10 %\r50 %\r100 %\n", "100 %"),
        ("", ""),
        ("x" * 200, "x" * 109 + "…"),
    ],
)
def test_the_last_line_is_what_a_person_saw(output: str, line: str) -> None:
    assert last_line(output) == line


def test_a_run_changes_its_own_section_of_the_page_alone() -> None:
    def page(old: str, title: str, said: str) -> str:
        return merge(old, section(title, "facts", [Outcome("make demo", 61.4, 0, said), Outcome("b", None, None, "c")]))

    first = page("", "Debian bookworm, as a container", "a | b <c>")
    assert first.startswith(MARK)
    assert "| make demo | 61 | 0 | a \\| b &lt;c> |\n| b |  | not run | c |" in first
    both = page(first, "Debian trixie, as a container", "other")
    again = page(both, "Debian bookworm, as a container", "new")
    assert again.count("## Debian") == 2
    assert "other" in again
    assert "a \\| b" not in again
    assert page(again, "Debian bookworm, as a container", "new") == again


def test_the_committed_page_is_marked_as_generated() -> None:
    assert bare_machine.PAGE.read_text(encoding="utf-8").startswith(MARK)
    name = bare_machine.PAGE.relative_to(ROOT).as_posix()
    said = subprocess.run(
        ["git", "check-attr", "linguist-generated", name], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.endswith(": true\n")
