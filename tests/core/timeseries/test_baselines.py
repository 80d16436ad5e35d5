"""Perpendicular baselines from lists, tags and texts beside products."""

from datetime import date

import numpy as np
import pytest
import rasterio
from fringelens.core.errors import InputError
from fringelens.core.timeseries.baselines import baselines_of
from fringelens.core.timeseries.network import Network

DAYS = [date(2020, 1, 1), date(2020, 1, 13), date(2020, 1, 25)]
PAIRS = [(DAYS[0], DAYS[1]), (DAYS[1], DAYS[2]), (DAYS[0], DAYS[2])]
NETWORK = Network.of(PAIRS)


def listed(tmp_path, text):
    path = tmp_path / "baselines"
    path.write_text(text)
    return baselines_of(NETWORK, PAIRS, ["a.tif", "b.tif", "c.tif"], str(path))


@pytest.mark.parametrize(
    "text",
    [
        "date,metres\n2020-01-01, 10\n2020-01-13, -30\n2020-01-25, 65.5\n",
        "20200113 20200101 40 -12\n20200113 20200125 95.5 12\n",  # LiCSAR's, from another date
        "# mine\n20200101 20200113 -40\n\n20200101_20200125 55.5\n".replace("_", " "),
    ],
)
def test_lists_of_dates_and_of_pairs_are_read(tmp_path, text):
    assert listed(tmp_path, text) == pytest.approx([0, -40, 55.5])


def test_contradicting_pairs_are_averaged(tmp_path):
    text = "20200101 20200113 10\n20200113 20200125 10\n20200101 20200125 23\n"
    assert listed(tmp_path, text) == pytest.approx([0, 11, 22])


def test_a_date_without_baseline_is_named(tmp_path):
    with pytest.raises(InputError, match=r"2020-01-25.*DEM_ERROR"):
        listed(tmp_path, "20200101 0\n20200113 5\n")


def test_a_line_that_cannot_be_read_is_shown(tmp_path):
    with pytest.raises(InputError, match=r"line 2 .*what is this"):
        listed(tmp_path, "20200101 0\nwhat is this\n")


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(InputError, match="nowhere"):
        baselines_of(NETWORK, PAIRS, ["a.tif"] * 3, "/nowhere")


def test_tags_of_the_files_are_read(write_raster):
    paths = []
    for name, metres in (("a", -40), ("b", 95.5), ("c", 55.5)):
        paths.append(str(write_raster(f"{name}.tif", np.zeros((4, 5), np.float32))))
        with rasterio.open(paths[-1], "r+") as target:
            target.update_tags(PERPENDICULAR_BASELINE=str(metres))
    assert baselines_of(NETWORK, PAIRS, paths, None) == pytest.approx([0, -40, 55.5])


def test_texts_beside_hyp3_products_are_read(tmp_path, write_raster):
    paths = []
    for name, metres in (("a", -40), ("b", 95.5), ("c", 55.5)):
        paths.append(str(write_raster(f"{name}_unw_phase.tif", np.zeros((4, 5), np.float32))))
        (tmp_path / f"{name}.txt").write_text(f"Reference Granule: x\nBaseline: {metres}\nUTC time: 1\n")
    assert baselines_of(NETWORK, PAIRS, paths, None) == pytest.approx([0, -40, 55.5])


def test_without_any_the_remedy_is_said(write_raster):
    paths = [str(write_raster(f"{name}.tif", np.zeros((4, 5), np.float32))) for name in "abc"]
    with pytest.raises(InputError, match="Give a text file"):
        baselines_of(NETWORK, PAIRS, paths, None)
