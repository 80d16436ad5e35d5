"""Files by a pattern: sorted, of plain files alone, and said where nothing fits."""

import pytest
from fringelens.core.catalog import find
from fringelens.core.catalog.patterns import expanded, is_pattern
from fringelens.core.catalog.validate import InvalidParametersError, complete


@pytest.fixture
def folder(tmp_path):
    for name in ("b.tif", "a.tif", "a.txt", "deep/er/c.tif", "odd[1].tif"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "folder.tif").mkdir()
    return tmp_path


def test_a_pattern_becomes_the_files_that_fit_in_order(folder):
    assert expanded(f"{folder}/?.tif") == [f"{folder}/a.tif", f"{folder}/b.tif"]
    assert expanded([f"{folder}/**/c.tif", "other.tif"]) == [f"{folder}/deep/er/c.tif", "other.tif"]
    assert f"{folder}/folder.tif" not in expanded(f"{folder}/*.tif")


def test_files_that_exist_and_names_without_signs_are_no_patterns(folder):
    assert expanded(f"{folder}/odd[1].tif") == [f"{folder}/odd[1].tif"]
    assert not is_pattern('NETCDF:"a.nc":phase')
    assert not is_pattern(3)


def test_lists_of_rasters_take_patterns_in_every_job(folder):
    tool = find("stackphasegradients")
    assert complete(tool, {"INPUTS": f"{folder}/?.tif", "OUTPUT": "o.tif"})["INPUTS"] == expanded(f"{folder}/?.tif")
    with pytest.raises(InvalidParametersError, match="no file that fits"):
        complete(tool, {"INPUTS": [f"{folder}/*.none"], "OUTPUT": "o.tif"})
