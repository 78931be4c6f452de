"""nbgrader's settings for everybody in the container; an instructor's course folder has its own on top."""

from __future__ import annotations

c = get_config()  # noqa: F821 - traitlets puts it there

c.CourseDirectory.course_id = "activations"
# A volume that all pods share; see docs/jupyterhub.md.
c.Exchange.root = "/srv/nbgrader/exchange"
# Everyone's account is called jovyan, so the owner of a file says nothing about who handed it in.
c.ExchangeCollect.check_owner = False
