"""Dates of interferograms: the names that processors give, and one error for all that cannot be used."""

import contextlib
from datetime import date

import pytest
from fringelens.core.errors import InputError
from fringelens.core.raster.dates import dates_of, listed, matched, pairs_of, span_days
from hypothesis import assume, given, settings
from hypothesis import strategies as st

EXPECTED = date(2018, 3, 31), date(2018, 7, 17)

NAMES = {
    "LiCSAR": "20180331_20180717.geo.diff_pha.tif",
    "LiCSAR folder": "GEOC/20180331_20180717/geo.diff_pha.tif",
    "HyP3": "S1AA_20180331T050014_20180717T050021_VVP108_INT80_G_ueF_1234_wrapped_phase.tif",
    "HyP3 folder": "S1AB_20180331T050014_20180717T050021_VVP108_INT80_G_ueF_1234/wrapped_phase.tif",
    "HyP3 burst": "S1_012345_IW1_20180331_20180717_VV_INT80_1234_wrapped_phase.tif",
    "HyP3 bursts": "S1_044_000000s1n00-093117s2n01-093118s3n01_IW_20180331_20180717_VV_INT80_AB12_wrapped_phase.tif",
    "OPERA DISP": "OPERA_L3_DISP-S1_IW_F11116_VV_20180331T140755Z_20180717T140756Z_v0.9_20241011T010101Z.nc",
    "NISAR": "NISAR_L2_PR_GUNW_013_156_A_02_4000_SH_20180331T0000001_20180331T000031_"
    "20180717T000000_20180717T000031_P01101_M_F_J_001.h5",
    "ISCE stack": "merged/interferograms/20180331_20180717/filt_fine.int",
    "ISCE deep": "merged/20180331_20180717/looks/filtered/fine.int",
    "ISCE times": "20180331T000000_20180717T000000/topophase.flat",
    "GAMMA": "20180331-20180717.diff.adf.tif",
    "GAMMA, two-digit years": "180331_180717.diff",
    "MintPy, two-digit years": "filt_180331-180717_4rlks.int",
    "MintPy": "geo_20180331_20180717_wrapPhase.tif",
    "SNAP band": "stack.data/Phase_ifg_IW1_VV_31Mar2018_17Jul2018.img",
    "SNAP product": "S1A_IW_SLC__1SDV_20180331T050000_20180331T050027_021256_0248B4_AA01_"
    "S1B_IW_SLC__1SDV_20180717T050100_ifg.tif",
    "PyRate": "cropA_20180331-20180717_VV_8rlks_eqa_unw.tif",
    "GMTSAR": "intf_all/2018089_2018197/phasefilt.grd",
    "ISO": "phase_2018-03-31_2018-07-17.tif",
    "processed later": "20180331_20180717_run20240101.tif",
    "archive": "/vsizip/data/20180331_20180717.zip/phase.tif",
    "subdataset": 'NETCDF:"/data/20180331_20180717.nc":phase',
    "year folder": "2018/20180331_20180717.tif",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_the_dates_are_read_from_the_names_that_processors_give(name):
    assert dates_of(name) == EXPECTED


@pytest.mark.parametrize("product", NAMES.keys() - {"archive", "subdataset"})
def test_folders_above_do_not_matter_where_the_name_itself_has_dates(product):
    assert dates_of("/archive/20100101_20100113/2011/" + NAMES[product]) == EXPECTED


def test_the_order_of_the_name_is_kept_and_gives_the_span_its_sign():
    pair = dates_of("S1-GUNW-A-R-064-tops-20180717_20180331-015900-34956N_32979N-PP-1111-v2_0_1.nc")
    assert pair == EXPECTED[::-1]
    assert span_days(pair) == -108


@pytest.mark.parametrize(
    "name", ["phase.tif", "20180331.tif", "20181331_20180717.tif", "120180331_201807171.tif", "_101500_111530_.tif"]
)
def test_a_name_without_two_dates_is_refused_with_a_remedy(name):
    with pytest.raises(InputError, match=r"cannot be read from its name.*DATES"):
        dates_of(name)


def test_one_error_names_all_unreadable_files_and_all_that_share_dates():
    paths = ["a.tif", "20180331_20180717.vv.tif", "b.tif", "20180717_20180331.vh.tif", "20180101_20180101.tif"]
    with pytest.raises(InputError) as caught:
        pairs_of(paths)
    text = str(caught.value)
    assert "2 of 5 files" in text
    assert "a.tif, b.tif" in text
    assert "20180331_20180717.vv.tif and 20180717_20180331.vh.tif (20180331_20180717)" in text
    assert "no time between the two dates of 20180101_20180101.tif" in text


def test_written_dates_count_before_those_of_the_names():
    pairs = pairs_of(["a.tif", "20200101_20200113.tif"], "20180331_20180717; 2018-07-17_2018-03-30")
    assert pairs == [EXPECTED, (date(2018, 7, 17), date(2018, 3, 30))]


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ("20180331_20180717", "1 pairs of dates for 2 interferograms"),
        ("20180331_20180717 20181350_20180717", "'20181350_20180717'"),
        ("20180331 20180717", "'20180331', '20180717'"),
        ("20180331_20180717 20180717_20180331", "same dates"),
    ],
)
def test_written_dates_that_do_not_fit_are_refused(dates, words):
    with pytest.raises(InputError, match=words):
        pairs_of(["a.tif", "b.tif"], dates)


def test_coherences_are_matched_by_dates_in_any_order_and_others_are_left_out():
    pairs = [EXPECTED, (date(2018, 7, 17), date(2018, 7, 29))]
    paths = ["20180717_20180729_cc.tif", "20190101_20190113_cc.tif", "20180331_20180717_cc.tif"]
    assert matched(pairs, paths, name="COHERENCES") == [paths[2], paths[0]]
    assert matched(pairs, ["a.tif", "b.tif"], name="COHERENCES") == ["a.tif", "b.tif"]


def test_missing_coherences_are_all_named():
    pairs = [EXPECTED, (date(2018, 7, 17), date(2018, 7, 29))]
    with pytest.raises(InputError, match="20180331_20180717, 20180717_20180729"):
        matched(pairs, ["20190101_20190113_cc.tif", "20190201_20190213_cc.tif"], name="COHERENCES")
    with pytest.raises(InputError, match="3 files for 2 interferograms"):
        matched(pairs, ["a.tif", "b.tif", "c.tif"], name="COHERENCES")


def test_long_lists_end_in_a_number():
    assert listed([str(i) for i in range(60)]).endswith(", 49, and 10 more")


WAYS = (
    "{0:%Y%m%d}_{1:%Y%m%d}.unw.tif",
    "S1AA_{0:%Y%m%dT%H%M%S}_{1:%Y%m%dT%H%M%S}_VVP012_INT80_G_ueF_1234_unw_phase.tif",
    "merged/{0:%Y%m%d}_{1:%Y%m%d}/filt_fine.unw",
    "{0:%y%m%d}-{1:%y%m%d}.diff",
    "Phase_ifg_IW1_VV_{0:%d%b%Y}_{1:%d%b%Y}.img",
    "phase_{0:%Y-%m-%d}_{1:%Y-%m-%d}.tif",
)
DAYS = st.dates(date(1991, 7, 17), date(2049, 12, 31))  # from the launch of ERS-1


@settings(max_examples=60, deadline=None)
@given(DAYS, DAYS, st.sampled_from(WAYS))
def test_any_two_dates_are_read_back_in_every_way_of_writing(first, second, way):
    assume(first != second)
    assert dates_of(way.format(first, second)) == (first, second)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_name_whatever_fails_in_another_way_than_by_refusal(name):
    with contextlib.suppress(InputError):
        first, second = dates_of(name.replace("\0", ""))
        assert first.year >= 1900 <= second.year
