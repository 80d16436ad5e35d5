"""What a user should know of how a network was solved."""

from __future__ import annotations

import numpy as np

from ..progress import Progress
from .motion import Motion
from .network import Network


class Report:
    """Counts over all blocks of a job."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._solved = self._in_pieces = self._changed = self._seen = 0
        self._loops = np.zeros(3, np.int64)

    def add(self, found: Motion) -> None:
        """Take a block."""
        solved = np.isfinite(found.velocity)
        firsts = found.pieces == np.arange(len(self._network.dates))[:, None]
        self._solved += int(solved.sum())
        self._in_pieces += int((solved & (firsts.sum(0) > 1)).sum())
        self._changed += int(found.changed.sum())
        self._seen += int(found.degrees.sum()) // 2
        self._loops += found.loops.sum(1)

    def say(self, progress: Progress) -> None:
        """Log and warn."""
        network = self._network
        first, last = network.dates[0], network.dates[-1]
        progress.log(
            f"{len(network.first)} interferograms of {len(network.dates)} dates, {first:%Y-%m-%d} to {last:%Y-%m-%d}; "
            f"{self._solved} pixels have a velocity"
        )
        if self._loops[0]:
            before, after = (100.0 * count / self._loops[0] for count in self._loops[1:])
            progress.log(
                f"{before:.2f} % of the loops of three interferograms miss by whole cycles, {after:.2f} % after whole "
                f"cycles were taken out of {100.0 * self._changed / max(self._seen, 1):.2f} % of the phases"
            )
        labels = network.pieces(np.ones((len(network.first), 1), bool)).kinds[:, 0]
        if len(set(labels.tolist())) > 1:
            progress.warn(
                f"INPUTS: the network of dates falls into {network.describe(labels)}. How far the ground moved between "
                "them is not known: levels are those of the smallest velocities. Give interferograms that bridge them."
            )
        elif self._in_pieces:
            share = 100.0 * self._in_pieces / max(self._solved, 1)
            progress.log(f"at {share:.1f} % of the pixels gaps break the network into pieces; see column piece")
        if not self._solved:
            progress.warn("not one pixel has enough interferograms: the outputs are all no data")
