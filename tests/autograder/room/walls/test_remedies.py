"""What is to be done where a wall cannot be built: on each kind of machine something that a person there can do."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from autograder.room.inside import landlock
from autograder.room.walls.remedies import (
    APPARMOR_PROFILE,
    Host,
    Surroundings,
    apparmor_remedy,
    landlock_problem,
    namespace_remedy,
)

DEBIAN = {"proc/version": "Linux version 6.1.0-18-amd64", "proc/sys/kernel/osrelease": "6.1.0-18-amd64\n"}
UBUNTU = DEBIAN | {"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n", "usr/bin/bwrap": ""}
OLD = DEBIAN | {"proc/sys/kernel/osrelease": "5.10.0-28-amd64\n"}
DOCKER = {".dockerenv": ""}
POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
GVISOR = {
    "proc/version": "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016",
    "proc/sys/kernel/osrelease": "4.4.0",
}
NOT_IN_A_CONTAINER = re.compile("sudo|sysctl|apparmor_parser")


@pytest.fixture
def machine(tmp_path):
    """Make a machine out of files and environment variables."""

    def make(files, environment=(), user_id=1000):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return Surroundings(tmp_path, dict(environment), user_id)

    return make


@pytest.mark.parametrize(
    ("files", "environment", "host"),
    [
        (DEBIAN, {}, Host.MACHINE),
        (DEBIAN | {"proc/self/cgroup": "0::/user.slice/user-1000.slice/session-2.scope"}, {}, Host.MACHINE),
        (DEBIAN | DOCKER, {}, Host.DOCKER),
        (DEBIAN | {"proc/self/cgroup": "12:pids:/docker/0123"}, {}, Host.DOCKER),
        (DEBIAN | {"run/.containerenv": ""}, {}, Host.PODMAN),
        (DEBIAN | {"proc/1/environ": "PATH=/bin\0container=podman\0"}, {}, Host.PODMAN),
        (DEBIAN | {"proc/1/environ": "container=lxc\0"}, {}, Host.LXC),
        (DEBIAN | {"proc/self/cgroup": "0::/kubepods.slice/kubepods-pod1.slice"}, {}, Host.POD),
        (DEBIAN | DOCKER, POD, Host.POD),
        (DEBIAN | DOCKER, {"CODESPACES": "true"}, Host.CODESPACES),
        (DEBIAN, POD | {"BINDER_LAUNCH_HOST": "https://mybinder.org/"}, Host.BINDER),
        (GVISOR, {}, Host.GVISOR),
        (GVISOR | {"proc/version": "Linux version 4.19.0-gvisor"}, POD, Host.GVISOR),
    ],
)
def test_where_this_is(machine, files, environment, host):
    assert machine(files, environment).host is host


@pytest.mark.parametrize(
    ("files", "environment", "said"),
    [
        (UBUNTU, {}, "sudo apparmor_parser -r /etc/apparmor.d/bwrap"),
        (DEBIAN | {"proc/sys/kernel/unprivileged_userns_clone": "0"}, {}, "kernel.unprivileged_userns_clone=1"),
        (DEBIAN | {"proc/sys/user/max_user_namespaces": "0\n"}, {}, "sudo sysctl -w user.max_user_namespaces=10000"),
        (DEBIAN, {}, "if this is a container, start it with docker run --security-opt seccomp=unconfined"),
        (UBUNTU | DOCKER, {}, "start the container with docker run --security-opt seccomp=unconfined"),
        (UBUNTU | {"run/.containerenv": ""}, {}, "podman run --security-opt seccomp=unconfined --security-opt unmask"),
        (UBUNTU, POD, "procMount: Unmasked"),
        (UBUNTU, {"CODESPACES": "true"}, '"runArgs": ["--security-opt", "seccomp=unconfined", '),
        (UBUNTU | {"run/systemd/container": "lxc"}, {}, "security.nesting true"),
        (UBUNTU, {"BINDER_REQUEST": "v2/gh/a/b"}, "another machine"),
        (GVISOR, {}, "another machine"),
    ],
)  # fmt: skip
def test_what_gives_namespaces(machine, files, environment, said):
    here = machine(files, environment)
    remedy = namespace_remedy("No permissions to create new namespace", here)
    assert said in remedy
    assert "\n" not in remedy
    if here.host is not Host.MACHINE:
        assert not NOT_IN_A_CONTAINER.search(remedy)


def test_a_container_without_marks_is_known_by_the_proc_that_cannot_be_mounted(machine):
    said = "bwrap: Can't mount proc on /newroot/proc: Operation not permitted"
    assert namespace_remedy(said, machine(DEBIAN)).startswith("start the container with ")


def test_root_of_a_container_needs_a_capability_besides(machine):
    assert "SYS_ADMIN" in namespace_remedy("", machine(DEBIAN | DOCKER, user_id=0))
    assert "SYS_ADMIN" not in namespace_remedy("", machine(DEBIAN | DOCKER, user_id=1000))


def test_apparmor_does_not_stop_root(machine):
    assert "apparmor_parser" not in namespace_remedy("", machine(UBUNTU, user_id=0))


def test_the_profile_takes_the_place_of_a_stricter_one_and_asks_for_apts_bubblewrap(machine):
    theirs = machine(UBUNTU | {"etc/apparmor.d/bwrap-userns-restrict": "profile bwrap {}"})
    assert apparmor_remedy(theirs).endswith(" -r /etc/apparmor.d/bwrap-userns-restrict")


def test_the_profile_is_for_apts_bubblewrap(machine):
    files = {name: content for name, content in UBUNTU.items() if name != "usr/bin/bwrap"}
    assert apparmor_remedy(machine(files)).startswith("sudo apt install bubblewrap ")


@pytest.mark.parametrize(
    ("files", "environment", "error", "what", "remedy"),
    [
        (OLD, {}, errno.ENOSYS, "Linux 5.10, has no Landlock", "this machine needs Linux 5.13 or newer"),
        (OLD | DOCKER, {}, errno.ENOSYS, "Linux 5.10, has no", "the machine under the container needs Linux 5.13"),
        (OLD, {"BINDER_REQUEST": "x"}, errno.ENOSYS, "Linux 5.10", "another machine"),
        (DEBIAN, {}, errno.ENOSYS, "this kernel has no Landlock", "CONFIG_SECURITY_LANDLOCK=y"),
        (DEBIAN | DOCKER, {}, errno.ENOSYS, "or the container's filter hides it", "Docker 23"),
        (DEBIAN | {"sys/kernel/security/lsm": "lockdown,capability,yama\n"}, {}, errno.EOPNOTSUPP, "switched off",
         "add lsm=landlock,lockdown,capability,yama to the kernel's command line"),
        (DEBIAN | DOCKER, {}, errno.EOPNOTSUPP, "switched off", "on the machine under the container, add lsm=landlock"),
        (DEBIAN, {"BINDER_REQUEST": "x"}, errno.EOPNOTSUPP, "switched off", "another machine"),
        (DEBIAN | DOCKER, {}, errno.EPERM, "refuses Landlock", "Docker 23, containerd 1.6 or newer"),
        (DEBIAN, POD, errno.EPERM, "refuses Landlock", "seccompProfile: {type: Unconfined}"),
        (DEBIAN, {"CODESPACES": "true"}, errno.EPERM, "refuses Landlock", "devcontainer.json"),
        (DEBIAN, {}, errno.EPERM, "refuses Landlock", "outside that filter"),
        (GVISOR, POD, errno.ENOSYS, "gVisor has no Landlock", "runc"),
    ],
)  # fmt: skip
def test_why_there_is_no_landlock(machine, files, environment, error, what, remedy):
    problem = landlock_problem(error, machine(files, environment))
    assert what in problem.what
    assert remedy in problem.remedy


def test_this_kernel_says_why_it_refuses(monkeypatch):
    assert landlock.refusal() == 0
    monkeypatch.setattr(landlock, "_CREATE_RULESET", 100_000)
    assert landlock.refusal() == errno.ENOSYS


def test_the_profile_gives_bubblewrap_namespaces_and_confines_nothing():
    text = "\n".join(line for line in APPARMOR_PROFILE.read_text().splitlines() if not line.startswith("#"))
    assert " ".join(text.split()) == (
        "abi <abi/4.0>, include <tunables/global> "
        "profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, include if exists <local/bwrap> }"
    )


def test_the_profile_is_installed_with_the_package():
    settings = Path(__file__).parents[4].joinpath("pyproject.toml").read_text()
    assert '"room/walls/apparmor/*"' in settings
