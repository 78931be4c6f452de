"""Makes a minimal Debian, runs the steps of the container image in it, then the project as an ordinary user.

`make bare-machine DIST=bookworm`. It needs root, debootstrap and bubblewrap, and takes no container engine. Everything
happens in a temporary folder. What is mounted there is mounted in namespaces that end with the process that made them,
so no mount is left behind, and nothing outside the folder is ever removed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests.machines import pip_settings
from tests.machines.dockerfile import Stage, read_dockerfile
from tests.machines.report import Outcome, last_line, merge, section

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "measured" / "bare_machine.md"
LOGS = ROOT / "build" / "bare_machine"
MIRROR = "http://deb.debian.org/debian"
GIB = 2**30
DISK = 12 * GIB
"""What the machine, its packages and two Python environments take at most."""

CLONE = "/home/jovyan/course folder"
"""Where the ordinary user clones to; a path with a blank, as people have them."""

PIP_FILES = "/mnt/pip"
"""Where the files are that pip's settings name."""

REPOSITORY = "/srv/course.git"
USER = ("1000", "100")
"""User and group of the ordinary user, as in the image."""

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CONTAINER_CAPABILITIES = """
    CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL
    AUDIT_WRITE
""".split()
"""What Docker leaves to a container's root."""

PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
HOST_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")

SERVE = """
import secrets, subprocess, time, urllib.request
token = secrets.token_hex()
server = subprocess.Popen(["course-server", f"--IdentityProvider.token={token}", "--port=8899"])
try:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:8899/lab?token={token}", timeout=5) as answer:
                print("course-server answers", answer.status)
                break
        except OSError:
            time.sleep(0.5)
    else:
        raise SystemExit("course-server did not answer")
finally:
    server.terminate()
    server.wait()
"""
LESSON = "jupyter nbconvert --to notebook --execute --stdout lessons/00_start_here.ipynb"
NOTHING_OF_THE_INSTRUCTORS = """
found=$(find / -xdev '(' -name hidden_checks -o -path '*/source/ps1_from_scratch*' ')' -print | head -3)
test -z "$found" && echo nothing found || { echo "found: $found"; exit 1; }
"""


class Like(StrEnum):
    """What the machine can do."""

    CONTAINER = "container"
    """A container's rights: no sandbox made of namespaces works in it."""
    MACHINE = "machine"
    """A computer's: it does."""


class Refused(Exception):
    """A machine that cannot be made here; the message is for the person at the keyboard."""


@dataclass
class Machine:
    """A Debian in a folder.

    Attributes
    ----------
    root : Path
        Its root folder.
    like : Like
        What it can do.
    pip : dict[str, str]
        Pip's settings on this machine, as environment variables.
    environment : dict[str, str]
        Of every command.
    entrypoint : list[str]
        What the image puts before each command of the user.
    """

    root: Path
    like: Like
    pip: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)

    def enter(self, command: Sequence[str], *, user: bool, folder: str = "/") -> list[str]:
        """Return the command line that runs a command in the machine.

        Parameters
        ----------
        command : Sequence[str]
            Program and arguments.
        user : bool
            As the ordinary user; else as root.
        folder : str, optional
            Where to run it.
        """
        line = [
            "bwrap",
            "--die-with-parent",
            "--as-pid-1",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--clearenv",
        ]
        line += [
            "--bind",
            str(self.root),
            "/",
            "--dev",
            "/dev",
            "--perms",
            "1777",
            "--tmpfs",
            "/dev/shm",
            "--tmpfs",
            "/run",
        ]
        for name in HOST_FILES:
            line += ["--ro-bind-try", name, name]
        # Open to the user too; a folder that bubblewrap makes by itself is for root alone.
        line += ["--perms", "0755", "--dir", PIP_FILES]
        pip, places = pip_settings.moved(self.pip, PIP_FILES)
        for path, place in places.items():
            line += ["--ro-bind", str(path), place]
        for name in PASSED_ON:
            if name in os.environ:
                line += ["--setenv", name, os.environ[name]]
        home = "/home/jovyan" if user else "/root"
        variables = {"PATH": SYSTEM_PATH, "LANG": "C.UTF-8", **pip, **self.environment, "HOME": home}
        if "PIP_CERT" in pip:  # uv reads none of pip's settings
            variables["SSL_CERT_FILE"] = pip["PIP_CERT"]
        for name, value in variables.items():
            line += ["--setenv", name, value]
        if self.like is Like.CONTAINER:
            for name in CONTAINER_CAPABILITIES:
                line += ["--cap-add", f"CAP_{name}"]
            # bubblewrap covers parts of its /proc, as engines do; the kernel then allows no fresh one inside.
            line += ["--proc", "/proc"]
            inside = ["setpriv"]
        else:
            line += ["--cap-add", "ALL", "--dir", "/proc"]
            inside = ["sh", "-c", 'mount -t proc proc /proc && exec setpriv "$@"', "sh"]
        if user:
            inside += [f"--reuid={USER[0]}", f"--regid={USER[1]}", "--clear-groups"]
            inside += ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"]
        else:
            inside += ["--clear-groups"]
        return [*line, "--chdir", folder, *inside, "--", *command]


@dataclass(frozen=True)
class Step:
    """One row of the page.

    Attributes
    ----------
    name : str
        What it does.
    command : list[str]
        The command line, on this machine.
    goal : str
        The part it belongs to, for --only.
    """

    name: str
    command: list[str]
    goal: str


GOALS = ("image", "demo", "test")
"""What --only may name; each needs those steps before it that make the machine and the clone."""


def image_steps(machine: Machine, stages: Sequence[Stage], context: Path) -> Iterator[Step]:
    """Yield a step for each RUN of the Dockerfile; do what its other instructions say in between.

    All stages share one folder. What a stage brought along goes once a later one has taken its result.
    """
    brought: dict[str, list[str]] = {}
    folders: dict[str, str] = {}
    for stage in stages:
        folder = folders.get(stage.base, "/")
        for each in stage.instructions:
            if each.word == "WORKDIR":
                folder = each.text
                (machine.root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif each.word == "ENV":
                machine.environment |= dict(pair.split("=", 1) for pair in each.words)
            elif each.word == "COPY" and each.words[0].startswith("--from="):
                for path in brought.pop(each.words[0].partition("=")[2], []):
                    yield Step(f"remove {path}", machine.enter(["rm", "-rf", path], user=False), "image")
            elif each.word == "COPY":
                *sources, target = each.words
                _copy(context, sources, machine.root / folder.lstrip("/") / target)
                if sources == ["."]:
                    brought.setdefault(stage.name, []).append(folder)
            elif each.word == "RUN":
                command = machine.enter(["sh", "-c", each.text], user=False, folder=folder)
                yield Step(each.text, command, "image")
            elif each.word == "ENTRYPOINT":
                machine.entrypoint = each.words
        folders[stage.name] = folder


def _copy(context: Path, sources: Sequence[str], target: Path) -> None:
    """Copy as COPY does: a file into the target folder, of a folder what is in it."""
    target.mkdir(parents=True, exist_ok=True)
    for name in sources:
        source = context / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)
        else:
            shutil.copy(source, target)


def user_steps(machine: Machine) -> Iterator[Step]:
    """Yield what a person does: with the image as it is, and in a clone of the project."""

    def as_user(command: Sequence[str], folder: str = "/home/jovyan") -> list[str]:
        return machine.enter([*machine.entrypoint, *command], user=True, folder=folder)

    yield Step("instructor's files in the image", as_user(["sh", "-c", NOTHING_OF_THE_INSTRUCTORS]), "image")
    yield Step("jupyterhub-singleuser --version", as_user(["jupyterhub-singleuser", "--version"]), "image")
    yield Step("the server of the image", as_user(["python3", "-c", SERVE]), "image")
    yield Step(
        "a lesson, run in the image", as_user(["sh", "-ec", f"{LESSON} > lesson.ipynb; ls lesson.ipynb"]), "image"
    )
    yield Step("git clone", as_user(["git", "clone", "--quiet", REPOSITORY, CLONE]), "clone")
    own = ["python3", "-m", "pip", "install", "--user", "--no-deps", "--no-build-isolation", "--editable", "."]
    yield Step("pip install --user, for graders in the image", as_user([*own, "--quiet"], CLONE), "clone")
    which = "import autograder, course; print(course.__file__, autograder.__file__)"
    yield Step("which course is imported", as_user(["python3", "-c", which], "/tmp"), "clone")
    yield Step("make demo", as_user(["make", "demo"], CLONE), "demo")
    packages = ["python3", "-B", "-m", "autograder.machine.system_packages", "chromium", "libatomic", "postgresql"]
    yield Step("what the tests need beside it, as root", machine.enter(packages, user=False, folder=CLONE), "test")
    yield Step("make test", as_user(["make", "test"], CLONE), "test")


def run(steps: Iterator[Step], logs: Path, wanted: Callable[[Step], bool], say: Callable[[str], None]) -> list[Outcome]:
    """Run the steps until one of the image's or the clone's fails.

    Parameters
    ----------
    steps : Iterator[Step]
        What to do.
    logs : Path
        Folder for what each of them prints.
    wanted : Callable[[Step], bool]
        Whether a step is to be run.
    say : Callable[[str], None]
        Takes one line for each step.
    """
    logs.mkdir(parents=True, exist_ok=True)
    outcomes = []
    broken = ""
    for number, step in enumerate(steps):
        if not wanted(step):
            continue
        if broken:
            outcomes.append(Outcome(step.name, None, None, f"{broken!r} failed"))
            continue
        say(f"{step.name} …")
        log = logs / f"{number:02d}.log"
        start = time.monotonic()
        with log.open("wb") as file:
            status = subprocess.run(
                step.command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, check=False
            ).returncode
        seconds = time.monotonic() - start
        said = last_line(log.read_text(encoding="utf-8", errors="replace"))
        say(f"  {seconds:.0f} s, exit status {status}: {said}")
        outcomes.append(Outcome(step.name, seconds, status, said))
        if status != 0:
            say(f"  all of it: {log}")
            if step.goal in ("debian", "image", "clone"):
                broken = step.name
    return outcomes


def debootstrap(distribution: str, mirror: str, root: Path) -> list[str]:
    """Return the command that makes the minimal Debian; what it mounts, it mounts in a namespace of its own."""
    alone = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
    return [*alone, "debootstrap", "--variant=minbase", distribution, str(root), mirror]


@contextmanager
def folder_of_its_own(parent: Path | None) -> Iterator[Path]:
    """Make a temporary folder and remove it in the end, however that comes about.

    Raises
    ------
    Refused
        In the end, if something is still mounted in it. Nothing is removed then.
    """
    folder = Path(tempfile.mkdtemp(prefix="bare-machine-", dir=parent)).resolve()
    try:
        yield folder
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder, and nothing on any other file system.

    Raises
    ------
    Refused
        If something is mounted in it. Nothing is removed then.
    """
    mounted = mounts_below(folder, Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
    if mounted:
        raise Refused(f"{folder} is left as it is, because something is mounted there: {', '.join(mounted)}")
    done = subprocess.run(["rm", "-rf", "--one-file-system", "--", str(folder)], check=False)
    if done.returncode != 0:
        raise Refused(f"{folder} could not be removed whole; look what is left of it")


def mounts_below(folder: Path, mountinfo: str) -> list[str]:
    """Return what is mounted in a folder, by the text of a /proc/…/mountinfo, which writes a blank as \\040."""
    points = [line.split()[4].replace("\\040", " ") for line in mountinfo.splitlines()]
    return [point for point in points if Path(point).is_relative_to(folder)]


def check_host(like: Like, parent: Path) -> None:
    """Refuse where the machine cannot be made.

    Raises
    ------
    Refused
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        raise Refused("A bare machine is made by root on Linux: sudo make bare-machine")
    for program, package in (("debootstrap",) * 2, ("bwrap", "bubblewrap"), ("unshare", "util-linux")):
        if shutil.which(program) is None:
            raise Refused(f"{program} is missing: sudo apt install {package}")
    free = shutil.disk_usage(parent).free
    if free < DISK:
        raise Refused(
            f"{parent} has {free / GIB:.0f} GiB free, {DISK / GIB:.0f} are needed; name another with --folder"
        )


def torch_problem(machine: Machine) -> str | None:
    """Say why this machine's torch is not to be downloaded, or None: a build for graphics cards takes gigabytes."""
    pinned = next(
        line
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line.startswith("torch==")
    )
    ask = ["python3", "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--ignore-installed"]
    ask += ["--break-system-packages", "--report", "-", pinned.partition(";")[0].strip()]
    code = "import json,sys; print(json.load(sys.stdin)['install'][0]['download_info']['url'].rsplit('/', 1)[-1])"
    shell = f'"$@" 2>/dev/null | python3 -c "{code}"'
    done = subprocess.run(
        machine.enter(["sh", "-c", shell, "sh", *ask], user=False), capture_output=True, text=True, check=False
    )
    name = done.stdout.strip()
    if "cpu" in name:
        return None
    wanted = "a build with +cpu is wanted, by PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL; TORCH=any takes what there is"
    return f"pip would take {name or 'no torch at all'} here; {wanted}"


def facts(machine: Machine) -> str:
    """Return one line about the machine."""
    ask = (
        'echo "Debian $(cat /etc/debian_version), Python $(python3 -V 2>/dev/null | cut -d" " -f2), Linux $(uname -r)"'
    )
    done = subprocess.run(machine.enter(["sh", "-c", ask], user=False), capture_output=True, text=True, check=False)
    commit = _git("rev-parse", "--short=12", "HEAD").strip()
    return f"{done.stdout.strip()}, {os.cpu_count()} cores; commit {commit}, {time.strftime('%Y-%m-%d')}."


def _git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True).stdout


def make_machine(options: argparse.Namespace, folder: Path) -> tuple[str, list[Outcome]]:
    """Make the machine in a folder, and run in it what was asked for.

    Returns
    -------
    a line about the machine, and how each step went
    """
    root, context = folder / "root", folder / "context"
    logs = LOGS / f"{options.dist}_{options.like}"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    goals = {"debian", "image", "clone", *(options.only or GOALS)} - ({"clone"} if options.only == ["image"] else set())
    machine = Machine(root, options.like, pip_settings.settings())

    first = Step("debootstrap", debootstrap(options.dist, options.mirror, root), "debian")
    outcomes = run(iter([first]), logs, lambda step: True, say)
    if outcomes[-1].status != 0:
        return "", outcomes
    _git("worktree", "list")  # fails early, and with git's own words, where this is no repository
    context.mkdir()
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", "HEAD"], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(context)], input=archive, check=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", "--no-local", str(ROOT), f"{root}{REPOSITORY}"], check=True)
    subprocess.run(["chown", "-R", ":".join(USER), f"{root}{REPOSITORY}"], check=True)

    stages = read_dockerfile(context / "Dockerfile", {"DEBIAN": options.dist})
    steps = image_steps(machine, stages, context)
    if not options.any_torch:
        steps = _stopping_before_torch(machine, steps)
    outcomes += run(steps, logs / "image", lambda step: step.goal in goals, say)
    if outcomes[-1].status == 0:
        outcomes += run(user_steps(machine), logs / "user", lambda step: step.goal in goals, say)
    return facts(machine), outcomes


def _stopping_before_torch(machine: Machine, steps: Iterator[Step]) -> Iterator[Step]:
    """Put a step that fails before the one that downloads torch, where that would be gigabytes."""
    for step in steps:
        if step.name.endswith("image.sh packages"):
            problem = torch_problem(machine)
            if problem:
                yield Step("which torch", ["sh", "-c", 'echo "$1"; exit 1', "sh", problem], "image")
        yield step


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 if a step failed or the machine cannot be made here."""
    parser = argparse.ArgumentParser(prog="bare-machine", description=__doc__.partition("\n")[0])
    parser.add_argument("--dist", default="bookworm", help="Debian's name for its release")
    parser.add_argument("--like", type=Like, choices=list(Like), default=Like.CONTAINER, help="what it can do")
    parser.add_argument("--only", action="append", choices=GOALS, help="this part alone, and what it needs")
    parser.add_argument("--any-torch", action="store_true", help="take CUDA where pip finds nothing else")
    parser.add_argument("--mirror", default=MIRROR, help="where Debian comes from")
    parser.add_argument("--folder", type=Path, help="where to make the temporary folder")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        check_host(options.like, options.folder or Path(tempfile.gettempdir()))
        if _git("status", "--porcelain", "--untracked-files=no"):
            say("What is not committed is not in it.")
        with folder_of_its_own(options.folder) as folder:
            about, outcomes = make_machine(options, folder)
    except Refused as refusal:
        print(f"bare-machine: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bare-machine: stopped; nothing is left of it.", file=sys.stderr)
        return 130
    title = f"Debian {options.dist}, as a {options.like}"
    options.page.parent.mkdir(parents=True, exist_ok=True)
    old = options.page.read_text(encoding="utf-8") if options.page.exists() else ""
    options.page.write_text(merge(old, section(title, about, outcomes)), encoding="utf-8")
    say(f"{options.page}")
    return 0 if all(each.status == 0 for each in outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main())
