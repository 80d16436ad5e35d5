"""What the subsidence benchmark adds up, against counts by hand."""

import numpy as np
import pytest
from fringelens.core.evaluate.benchmarks.subsidence_scenes import SHAPES, Trough, TroughScene
from fringelens.core.evaluate.benchmarks.subsidence_tally import Tally, background_table, depth_table, verdict
from fringelens.core.evaluate.trough_metrics import Judged

NOTHING, NOWHERE = np.zeros((0, 0), np.float32), np.zeros((0, 0), bool)


def scene(*troughs, empty=False):
    return TroughScene(NOTHING, NOTHING, NOWHERE, list(troughs), NOWHERE, "air and hills alone", empty)


def judged(scores, hits, objects):
    return Judged(np.array(scores), np.array(hits), np.where(np.array(hits) >= 0, 0.8, 0.0), objects)


@pytest.fixture
def tally():
    """Two troughs, one of them found surely and one hardly, and a false alarm between them; 210 km2 in all."""
    made = Tally("network")
    faint, deep = Trough(NOWHERE, "mine", 4.0, 0.5), Trough(NOWHERE, "basin", 40.0, 4.0)
    made.add(scene(faint, deep), judged([0.9, 0.3], [1, 0], 2))
    made.add(scene(empty=True), judged([0.6], [-1], 0))
    return made


def test_precision_recall_and_area_are_counted_over_all_scenes(tally):
    assert tally.area == pytest.approx(2 * 10.24**2)
    assert tally.precision().value == pytest.approx(0.5 * (1 + 2 / 3))
    assert tally.recall(1.0).value == 0.5  # 0.2 false alarms are allowed
    assert tally.recall(10.0).value == 1.0
    recall, alarms, overlap = tally.at(0.5)
    assert (recall, overlap) == (0.5, 0.8)
    assert alarms == pytest.approx(1000 / tally.area)


def test_tables_say_what_was_found_by_depth_shape_and_background(tally):
    rows = {row[0]: row[1:] for row in depth_table([tally]).rows}
    assert rows["half a fringe to one"] == ["1", "0.00", "1.00"]
    assert rows["more than 3 fringes"] == ["1", "1.00", "1.00"]
    assert rows["steeper than pi rad per pixel"][0] == "1"
    assert rows["shape crack"][0] == "0"
    assert background_table([tally]).rows == [["air and hills alone", "105", "9.5"]]
    assert "not met" in verdict(tally)


@pytest.mark.parametrize("name", list(SHAPES))
def test_shapes_are_bowls_that_end_within_the_scene(name, rng):
    y, x = np.mgrid[:128, :128] * 4.0 - 256
    field = np.abs(SHAPES[name](rng, x, y))
    rim = np.concatenate([field[0], field[-1], field[:, 0], field[:, -1]])
    assert rim.max() < 0.05 * field.max()
