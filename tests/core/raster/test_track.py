"""Images of different tracks, told by the times in their names."""

import pytest
from fringelens.core.raster.track import of_two_tracks, seconds_apart

MARCH = "S1A_IW_GRDH_1SDV_20230319T055012_20230319T055037_047711_05BB2C_1234.SAFE/measurement/iw-vv-001.tiff"
APRIL = "data/S1A_IW_GRDH_1SDV_20230412T055013_20230412T055038_048061_05C6FA_ABCD.tif"
EVENING = "S1A_IW_GRDH_1SDV_20230331T172423_20230331T172448_047893_05C14E_5678.tif"
NEIGHBOUR = "S1A_IW_20230405T054156_DVP_RTC30_G_gpuned_1A2B_VV.tif"


def test_the_same_track_is_there_at_the_same_time_of_day():
    assert seconds_apart(MARCH, APRIL) == 1
    assert not of_two_tracks(MARCH, APRIL)


@pytest.mark.parametrize("other", [EVENING, NEIGHBOUR])
def test_other_times_of_day_are_other_tracks(other):
    assert of_two_tracks(MARCH, other)
    assert of_two_tracks(other, MARCH)


def test_times_about_midnight_are_near_each_other():
    assert seconds_apart("a_20230319T235958.tif", "b_20230331T000003.tif") == 5


@pytest.mark.parametrize("name", ["20230319.tif", "image.tif", "120230319T0550123.tif"])
def test_names_without_a_time_say_nothing(name):
    assert seconds_apart(MARCH, name) is None
    assert not of_two_tracks(name, MARCH)
