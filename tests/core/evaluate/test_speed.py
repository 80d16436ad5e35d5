"""What the speed measurement measures, with a network that costs next to nothing."""

from __future__ import annotations

from pathlib import Path

import torch
from fringelens.core.evaluate.speed import fastest, lines, measure_engine, speed_table, store
from fringelens.core.inference.device import Device
from torch import Tensor


class Copy:
    """Answers with the first plane."""

    halo, multiple_of, channels, outputs = 16, 8, 2, 1

    def __call__(self, batch: Tensor, /) -> Tensor:
        return batch[:, :1]


def test_the_halo_is_what_the_tiles_are_larger_by() -> None:
    measured = measure_engine(Copy(), Device("cpu", bf16=False, label="cpu"), 64, 256)
    assert 1.5 < measured["halo"] <= (96 / 64) ** 2
    assert measured["bare"] > measured["bare_useful"] > 0
    assert measured["engine"] > 0
    assert abs(measured["bare"] / measured["bare_useful"] - measured["halo"]) < 1e-6


def test_the_fastest_of_some_runs_counts() -> None:
    waits = iter([0.05, 0.0, 0.05])

    def work() -> None:
        torch.zeros(1)
        import time

        time.sleep(next(waits))

    assert fastest(work, 3) < 0.04


def test_what_is_kept_is_shown(tmp_path: Path) -> None:
    assert speed_table(tmp_path, "net") is None
    numbers = dict.fromkeys(("bare", "bare_useful", "engine", "engine_over_bare", "halo", "tool", "classical"), 2.0)
    measured = {**numbers, "memory": 500.0, "machine": "a machine", "side": 64, "tile": 32}
    store(tmp_path, "other", measured)
    store(tmp_path, "net", measured)
    table = speed_table(tmp_path, "net")
    assert table is not None
    assert len(table.rows) == len(lines(measured))
    assert "a machine" in table.note
    assert speed_table(tmp_path, "other") is not None
