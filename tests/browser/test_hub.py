"""JupyterHub with three accounts of one machine: fetch, solve, submit, collect, grade, release, read the feedback.

The hub runs with the files of docs/hub as they are. What belongs to the test is on its command line: a password for
all, and free ports. It runs in a mount namespace with a list of accounts of its own, so no account is made here.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from autograder.course_folder import CourseFolder
from autograder.publish.bundle import build_bundle
from autograder.publish.notebooks import generate_assignment
from autograder.room.walls.landlock import may_change_user
from tests.machines.enter import machines
from tests.support.classroom import HALF, MINI, RIGHT, Classroom, write_course
from tests.support.lab import START_SECONDS, NotebookPage, free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.thorough(reason="starts a hub, and a JupyterLab for each of three people"),
]

ROOT = Path(__file__).parents[2]
INSTRUCTOR = "instructor"  # as in docs/hub/jupyterhub_config.py
STUDENTS = {"ada": RIGHT, "ben": HALF}
FIRST_ID = 12_400
PASSWORD = "only in this test"
CURRENT = "window.jupyterapp?.shell.currentWidget?.context?.path"
ANSWER = """answers => {
  for (const cell of window.jupyterapp.shell.currentWidget.content.model.cells) {
    const text = answers[cell.metadata.nbgrader?.grade_id];
    if (text) cell.sharedModel.setSource(text);
  }
}"""

IN_TERMINAL = """async line => {
  const terminal = await window.jupyterapp.commands.execute('terminal:create-new');
  terminal.content.session.send({type: 'stdin', content: [line + '\\r']});
}"""


@dataclass(frozen=True)
class Hub:
    """A running hub: its folder, with `home/NAME` of each person, and its address."""

    folder: Path
    url: str

    def home(self, name: str) -> Path:
        return self.folder / "home" / name

    @contextmanager
    def person(self, browser: Browser, name: str) -> Iterator[Page]:
        """Somebody logs in, and gets a server."""
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(START_SECONDS * 1000)
        try:
            page.goto(self.url)
            page.get_by_label("Username").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_function("window.jupyterapp !== undefined")
            page.evaluate("window.jupyterapp.restored.then(() => {})")
            yield page
        finally:
            context.close()


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    if not (may_change_user() and machines() and shutil.which("bwrap")):
        pytest.skip("a hub for several accounts takes root, mount namespaces and bubblewrap")
    with tempfile.TemporaryDirectory(prefix="hub-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        hub = Hub(folder, f"http://127.0.0.1:{free_port()}")
        shutil.copytree(ROOT / "docs" / "hub", folder / "hub")
        (folder / "hub" / "exchange").mkdir()
        (folder / "hub" / "exchange").chmod(0o777)
        (folder / "hub" / "state").mkdir(0o700)
        with zipfile.ZipFile(build_bundle(ROOT, folder / "bundle.zip", assignments=False)) as archive:
            archive.extractall(folder)
        people = [INSTRUCTOR, *STUDENTS]
        for home in map(hub.home, people):
            home.mkdir(parents=True)
        teach(write_course(hub.home(INSTRUCTOR) / "teaching"))
        accounts(folder, people)
        with serving(hub):
            yield hub


def teach(course: CourseFolder) -> None:
    """Make the students' version, as the instructor has done at home."""
    generate_assignment(course, MINI)


def accounts(folder: Path, people: list[str]) -> None:
    """Write the lists of accounts, and give the homes to their people."""
    users, groups = Path("/etc/passwd").read_text(), Path("/etc/group").read_text()
    for number, name in enumerate(people, FIRST_ID):
        home = folder / "home" / name
        users += f"{name}:x:{number}:{number}::{home}:/bin/sh\n"
        groups += f"{name}:x:{number}:\n"
        for path in [home, *home.rglob("*")]:
            os.chown(path, number, number)
        home.chmod(0o700)
    (folder / "passwd").write_text(users)
    (folder / "group").write_text(groups)


def readable(paths: list[Path]) -> list[str]:
    """Options of bubblewrap that show these folders to everybody, where they lie below closed ones."""
    closed = {path: next((p for p in reversed(path.parents) if not p.stat().st_mode & 0o001), None) for path in paths}
    hidden = {path: parent for path, parent in sorted(closed.items()) if parent}
    options = []
    for folder in sorted(set(hidden.values())):
        options += ["--perms", "0755", "--tmpfs", str(folder)]
    for path, folder in hidden.items():
        for parent in reversed([each for each in path.parents if each.is_relative_to(folder)]):
            options += ["--perms", "0755", "--dir", str(parent)]
        options += ["--ro-bind", str(path), str(path)]
    return options


@contextmanager
def serving(hub: Hub) -> Iterator[None]:
    bundle = hub.folder / "activation-course"
    command = [
        # All that the hub starts ends with its process namespace.
        *("bwrap", "--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--cap-add", "ALL"),
        *readable([Path(sys.base_prefix).resolve(), Path(sys.prefix), ROOT]),
        *("--bind", str(hub.folder / "passwd"), "/etc/passwd", "--bind", str(hub.folder / "group"), "/etc/group"),
        *("--chdir", str(hub.folder / "hub" / "state"), "sh", "-c", 'mount -t proc proc /proc && exec "$@"', "sh"),
        *(sys.executable, "-m", "jupyterhub", "--config=../jupyterhub_config.py", f"--JupyterHub.bind_url={hub.url}"),
        f"--JupyterHub.hub_port={free_port()}",
        f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{free_port()}",
        # PyPI's proxy gives up after 20 seconds, npm's waits.
        "--ConfigurableHTTPProxy.command=configurable-http-proxy",
        "--ConfigurableHTTPProxy.command=--proxy-timeout=600000",
        *("--JupyterHub.authenticator_class=dummy", f"--DummyAuthenticator.password={PASSWORD}"),
        "--Spawner.args=--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    path = [str(Path(sys.executable).parent), str(ROOT / "docker"), os.environ["PATH"]]
    environment = os.environ | {"PATH": os.pathsep.join(path), "PYTHONPATH": str(bundle)}
    log = hub.folder / "hub.log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + START_SECONDS
        while not answers(hub.url):
            assert process.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < end, log.read_text()[-3000:]
            time.sleep(0.2)
        yield
    finally:
        process.kill()
        process.wait()
        print(log.read_text(errors="replace")[-8000:])  # shown if the test fails


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/hub/api", timeout=5):
            return True
    except OSError:
        return False


def in_terminal(page: Page, home: Path, *commands: str) -> None:
    """Run commands in a terminal of the page's JupyterLab, one after the other as long as they succeed."""
    said, status = home / "said.txt", home / "status.txt"
    status.unlink(missing_ok=True)
    script = " && ".join(commands)
    page.evaluate(IN_TERMINAL, f"({script}) > said.txt 2>&1; echo $? > s && mv s status.txt")
    end = time.monotonic() + 2 * START_SECONDS
    while not status.exists() and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert status.exists(), said.read_text() if said.exists() else "nothing was run"
    assert status.read_text() == "0\n", said.read_text()


def run(page: Page, command: str, **arguments: str) -> None:
    page.evaluate(
        "([name, values]) => window.jupyterapp.commands.execute(name, values).then(() => {})", [command, arguments]
    )


def formgrader_commands(page: Page) -> list[str]:
    return [name for name in page.evaluate("window.jupyterapp.commands.listCommands()") if "formgrader" in name]


def hand_in(hub: Hub, page: Page, answer: dict[str, str]) -> None:
    """Fetch the assignment, solve it, run it, submit it, as a student does."""
    page.wait_for_function(f"{CURRENT} === 'lessons/00_start_here.ipynb'")
    assert not formgrader_commands(page)
    run(page, "nbgrader:open-assignment-list")
    page.get_by_role("button", name="Fetch", exact=True).click()
    page.get_by_role("button", name="Submit", exact=True).wait_for()
    path = f"{MINI}/{MINI}.ipynb"
    notebook = NotebookPage(page, hub, path, "")
    page.evaluate(ANSWER, answer)
    notebook.run_all()
    page.locator(".jp-Notebook .jp-OutputArea-output caption").first.wait_for()
    run(page, "docmanager:save")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    run(page, "nbgrader:open-assignment-list")
    page.get_by_role("button", name="Submit", exact=True).click()
    page.get_by_role("button", name="Fetch Feedback").or_(
        page.locator("#submitted_assignments_list .list_item")
    ).first.wait_for()


def test_a_class_from_fetching_to_feedback(hub: Hub, browser: Browser, shoot: Callable[[Page, str], None]) -> None:
    home = hub.home(INSTRUCTOR)
    teaching = f"cd {shlex.quote(str(home / 'teaching'))}"
    with hub.person(browser, INSTRUCTOR) as instructor:
        assert formgrader_commands(instructor)
        in_terminal(instructor, home, teaching, f"nbgrader release_assignment {MINI}")
        for name, answer in STUDENTS.items():
            with hub.person(browser, name) as student:
                hand_in(hub, student, answer)
                others = hub.home(next(each for each in STUDENTS if each != name))
                inbound = hub.folder / "hub" / "exchange" / "activations" / "inbound"
                in_terminal(student, hub.home(name), f"! ls {others}", f"! ls {inbound}", f"! ls {home}")
        grading = (f"nbgrader collect {MINI}", f"autograder grade {MINI}", f"autograder feedback {MINI}")
        in_terminal(instructor, home, teaching, *grading, f"nbgrader release_feedback {MINI}")
    course = CourseFolder.load(home / "teaching")
    assert Classroom(course).scores() == {"ada": 6.0, "ben": 2.0}
    for name in STUDENTS:
        with hub.person(browser, name) as student:
            run(student, "nbgrader:open-assignment-list")
            student.get_by_role("button", name="Fetch Feedback").click()
            student.get_by_text("(view feedback)").first.wait_for(state="attached")
            [page] = hub.home(name).glob(f"{MINI}/feedback/*/{MINI}.html")
            assert page.read_bytes() == (course.folder("feedback", MINI, name) / page.name).read_bytes()
            run(student, "docmanager:open", path=str(page.relative_to(hub.home(name))))
            shown = student.frame_locator(".jp-HTMLViewer iframe")
            expect(shown.locator(".score strong")).to_have_text(f"{Classroom(course).scores()[name]:g}")
            shoot(student, f"hub-feedback-{name}")
