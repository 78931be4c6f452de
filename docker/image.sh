#!/bin/sh
# The steps that make the container image. The Dockerfile runs them, and so does `make bare-machine`, which has no
# container engine: sh docker/image.sh STEP, in a folder with docker/ and what the step needs.
set -eu
cd "$(dirname "$0")/.."

# Debian's packages, and the ordinary user that everything runs as. The name is JupyterHub's: under any other nbgrader
# takes the name of the account for the name of the student.
system() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get --quiet=2 update
    apt-get --quiet=2 --yes install --no-install-recommends \
        bubblewrap ca-certificates git libseccomp2 make python3 python3-pip python3-venv tini > /dev/null
    apt-get clean
    rm -rf /var/lib/apt/lists/*
    # pip may install into this Python: nothing else in the image uses it.
    rm -f /usr/lib/python3.*/EXTERNALLY-MANAGED
    useradd --create-home --uid 1000 --gid users --shell /bin/bash jovyan
}

# The packages of students and graders, in the versions of constraints.txt, without the course and the grader themselves.
# Which PyTorch is chosen as in any set-up of the project: on x86 the one without CUDA, where its index answers.
packages() {
    python3 - > requirements.txt <<'PYTHON'
import sys
import tomllib
from pathlib import Path

from autograder.machine.torch_build import choose_build

build = choose_build(Path("constraints.txt").read_text())
print(build.why, file=sys.stderr)
if build.index:
    print(f"--extra-index-url {build.index}")
project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
print(*project["dependencies"], *project["optional-dependencies"]["grading"], sep="\n")
PYTHON
    python3 -m pip install --quiet --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
        --constraint constraints.txt --requirement requirements.txt --requirement docker/hub.txt
    rm -r autograder
}

# What students may have. It is cut out of the whole project by `autograder bundle`, whose gate lets no answer through.
bundle() {
    PYTHONPATH=. python3 -m autograder.cli bundle --to /tmp/bundle.zip
    python3 -m zipfile --extract /tmp/bundle.zip /opt
    rm /tmp/bundle.zip
}

# The students' part, importable from every notebook; settings; the two commands that containers start with.
course() {
    python3 -m pip install --quiet --no-deps --no-build-isolation --disable-pip-version-check \
        --root-user-action=ignore --editable /opt/activation-course
    install -D --mode=644 docker/nbgrader_config.py /etc/jupyter/nbgrader_config.py
    install -D --mode=644 --target-directory=/etc/jupyter/labconfig \
        /opt/activation-course/course/lab/jupyter/everyone/labconfig/*.json
    install --mode=755 docker/course-home docker/course-server /usr/local/bin
}

case "${1:-}" in
system | packages | bundle | course) "$1" ;;
*)
    echo "image.sh: say which step: system, packages, bundle or course" >&2
    exit 2
    ;;
esac
