# One image for students and instructors: JupyterLab with nbgrader and all the packages of the course, an ordinary user,
# and the students' part of the course. It holds nothing of the instructor's: solutions, hidden tests and the grader come
# with the instructor's own clone (docs/instructors.md, "In a container"). The steps are in docker/image.sh, which
# `make bare-machine` runs too.
#
#     docker build --tag activation-course .
#     docker run --rm --publish 8888:8888 activation-course
ARG DEBIAN=bookworm
FROM debian:${DEBIAN}-slim AS environment
# For the build alone: --build-arg PIP_INDEX_URL=… names a mirror, TORCH_CPU=0 leaves the choice of PyTorch to pip.
ARG PIP_INDEX_URL
ARG TORCH_CPU
ENV LANG=C.UTF-8
WORKDIR /opt/image
COPY docker/image.sh docker/
RUN sh docker/image.sh system
COPY pyproject.toml constraints.txt ./
COPY docker/hub.txt docker/
COPY autograder/__init__.py autograder/
COPY autograder/machine/ autograder/machine/
RUN sh docker/image.sh packages

# The whole project is here, and stays here: only what students may have leaves this stage.
FROM environment AS bundle
WORKDIR /opt/project
COPY . ./
RUN sh docker/image.sh bundle

FROM environment
COPY --from=bundle /opt/activation-course /opt/activation-course
COPY docker/ docker/
RUN sh docker/image.sh course
ENV HOME=/home/jovyan SHELL=/bin/bash
# Where `pip install --user` puts an instructor's `autograder`.
ENV PATH=/home/jovyan/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 1000:100
WORKDIR /home/jovyan
EXPOSE 8888
# tini ends what a closed notebook leaves behind.
ENTRYPOINT ["tini", "-g", "--", "course-home"]
CMD ["course-server"]
