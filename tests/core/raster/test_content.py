"""A file made in memory: written whole, or nothing of it is left."""

import pytest
from fringelens.core.errors import OutputError
from fringelens.core.raster.content import ContentSink


class Words(ContentSink):
    def write(self, words):
        self._content = words.encode()


def test_the_content_lies_in_the_part_until_the_job_puts_it_in_place(tmp_path):
    sink = Words(tmp_path / "words.csv", tmp_path / "words.part")
    sink.write("coherence")
    sink.finish()
    assert sink.part.read_bytes() == b"coherence"
    assert not sink.path.exists()


def test_discarding_leaves_nothing_and_may_be_asked_for_twice(tmp_path):
    sink = Words(tmp_path / "words.csv", tmp_path / "words.part")
    sink.write("coherence")
    sink.finish()
    sink.discard()
    sink.discard()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_went_away_is_one_clear_error(tmp_path):
    sink = Words(tmp_path / "gone" / "words.csv", tmp_path / "gone" / "words.part")
    with pytest.raises(OutputError, match=r"words\.csv cannot be written: No such file"):
        sink.finish()
