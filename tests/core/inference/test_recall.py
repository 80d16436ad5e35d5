"""What was read of a tile is there again when the tile is written, and no longer."""

import pytest

pytest.importorskip("torch")

from fringelens.core.inference.recall import Recall
from fringelens.core.raster.window import Window


def test_a_tile_finds_what_was_read_around_it_and_where_it_lies_there():
    recall = Recall()
    recall.keep(Window(0, 0, 30, 40), "first")
    recall.keep(Window(10, 30, 30, 40), "second")
    assert recall.find(Window(5, 6, 10, 20)) == ("first", (slice(5, 15), slice(6, 26)))
    assert recall.find(Window(12, 35, 28, 35)) == ("second", (slice(2, 30), slice(5, 40)))


def test_the_parts_of_a_tile_that_was_split_find_the_same():
    recall = Recall()
    recall.keep(Window(0, 0, 30, 40), "whole")
    assert [recall.find(Window(row, 0, 15, 40))[0] for row in (0, 15)] == ["whole", "whole"]


def test_what_lies_before_a_tile_is_forgotten():
    recall = Recall()
    recall.keep(Window(0, 0, 10, 10), "first")
    recall.keep(Window(0, 10, 10, 10), "second")
    recall.find(Window(0, 10, 10, 10))
    with pytest.raises(IndexError):
        recall.find(Window(0, 0, 10, 10))
