"""`nbgrader release_feedback` for courses in which some submissions were collected by hand."""

from __future__ import annotations

import glob
import re
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.exchange import WithRemedy
from autograder.files import write_atomically

SECRET = "submission_secret.txt"
FROM_THE_EXCHANGE = ("timestamp.txt", SECRET)
"""What a submission brings along from the exchange; without it nbgrader does not know where feedback belongs."""


def by_hand(folder: Path) -> bool:
    """Tell whether the submission with its feedback in this folder did not come through the exchange."""
    return not all((folder / name).is_file() for name in FROM_THE_EXCHANGE)


class ReleaseFeedback(WithRemedy, ExchangeReleaseFeedback):
    """Releases what can be released, and names the rest; nbgrader's own ends at the first it cannot release.

    *Fetch Feedback* looks for pages by the names of the notebooks that the student handed in. So the page of one that
    was graded under the assignment's name, since it had another, is there under that as well.
    """

    src_path: str
    dest_path: str

    def copy_files(self) -> None:
        """Release each folder of feedback that the exchange can deliver."""
        folders = glob.glob(self.src_path)  # noqa: PTH207 - a pattern of nbgrader's
        for folder in sorted(folders):
            if by_hand(Path(folder)):
                self.log.warning("Not released, since it was not handed in through the exchange: %s", folder)
            else:
                self.src_path = glob.escape(folder)
                super().copy_files()
                self._release_by_other_names(Path(folder))

    def _release_by_other_names(self, folder: Path) -> None:
        directory = self.coursedir
        pattern = directory.format_path(
            directory.feedback_directory, "(?P<student>.*)", directory.assignment_id, escape=True
        )
        found = re.fullmatch(pattern, str(folder))
        if found is None:
            return
        handed_in = Path(
            directory.format_path(directory.submitted_directory, found["student"], directory.assignment_id)
        )
        names = {path.stem for path in handed_in.glob("*.ipynb")}
        pages = {page.stem: page for page in folder.glob("*.html")}
        secret = (folder / SECRET).read_text(encoding="utf-8", errors="replace")
        for page in (pages[name] for name in pages.keys() - names):
            for other in names - pages.keys():
                target = Path(self.dest_path) / f"{notebook_hash(secret=secret, notebook_id=other)}.html"
                write_atomically(target, page.read_bytes())
