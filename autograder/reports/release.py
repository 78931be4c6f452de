"""`nbgrader release_feedback` for courses in which some submissions were collected by hand."""

from __future__ import annotations

import glob
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from autograder.exchange import WithRemedy

SECRET = "submission_secret.txt"
FROM_THE_EXCHANGE = ("timestamp.txt", SECRET)
"""What a submission brings along from the exchange; without it nbgrader does not know where feedback belongs."""


def by_hand(folder: Path) -> bool:
    """Tell whether the submission with its feedback in this folder did not come through the exchange."""
    return not all((folder / name).is_file() for name in FROM_THE_EXCHANGE)


class ReleaseFeedback(WithRemedy, ExchangeReleaseFeedback):
    """Releases what can be released, and names the rest; nbgrader's own ends at the first it cannot release."""

    src_path: str

    def copy_files(self) -> None:
        """Release each folder of feedback that the exchange can deliver."""
        folders = glob.glob(self.src_path)  # noqa: PTH207 - a pattern of nbgrader's
        for folder in sorted(folders):
            if by_hand(Path(folder)):
                self.log.warning("Not released, since it was not handed in through the exchange: %s", folder)
            else:
                self.src_path = glob.escape(folder)
                super().copy_files()
