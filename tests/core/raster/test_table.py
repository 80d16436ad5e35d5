"""Tables of dated rows, as GeoPackage and as CSV."""

import csv

import numpy as np
import pyogrio
import pytest
from fringelens.core.errors import InputError
from fringelens.core.progress import Silent
from fringelens.core.raster.sink import Outputs
from fringelens.core.raster.table import table
from fringelens.core.raster.vector import Field
from rasterio.crs import CRS

X, Y = np.array([1.5, 2.5]), np.array([40.25, 41.0])
FIELDS = [
    Field("id", np.array([3, 4], np.int32), "number"),
    Field("date", np.array(["2020-01-01", "2021-12-31"], "datetime64[D]"), "acquisition"),
    Field("value", np.array([np.nan, 2.25]), "mm"),
]


def written(path, crs="EPSG:4326"):
    with Outputs(Silent()) as outputs:
        sink = table(outputs, str(path), "series", CRS.from_user_input(crs) if crs else None, {"TOOL": "x"})
        sink.write(X, Y, FIELDS)
    return path


def test_a_geopackage_has_points_real_dates_and_missing_values(tmp_path):
    path = written(tmp_path / "a.gpkg")
    info = pyogrio.read_info(path, layer="series")
    assert info["geometry_type"] == "Point"
    assert info["crs"] == "EPSG:4326"
    assert list(info["ogr_types"]) == ["OFTInteger", "OFTDate", "OFTReal"]
    _, _, geometry, columns = pyogrio.raw.read(path)
    assert np.frombuffer(geometry[0][5:], "<f8").tolist() == [1.5, 40.25]
    assert columns[1].astype(str).tolist() == ["2020-01-01", "2021-12-31"]
    assert np.isnan(columns[2]).tolist() == [True, False]


def test_a_csv_has_iso_dates_and_empty_cells(tmp_path):
    rows = list(csv.reader(written(tmp_path / "a.csv").read_text().splitlines()))
    assert rows == [["id", "date", "value"], ["3", "2020-01-01", ""], ["4", "2021-12-31", "2.25"]]


def test_without_a_crs_the_points_have_none(tmp_path):
    assert pyogrio.read_info(written(tmp_path / "a.gpkg", None))["crs"] is None


def test_an_empty_table_keeps_its_columns(tmp_path):
    with Outputs(Silent()) as outputs:
        sink = table(outputs, str(tmp_path / "a.gpkg"), "series", None, {})
        sink.write(X[:0], Y[:0], [field._replace(values=field.values[:0]) for field in FIELDS])
    assert list(pyogrio.read_info(tmp_path / "a.gpkg")["fields"]) == ["id", "date", "value"]


def test_an_error_leaves_the_old_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def fail():
        with Outputs(Silent()) as outputs:
            table(outputs, str(path), "series", None, {}).write(X, Y, FIELDS)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_other_names_and_uneven_columns_are_refused(tmp_path):
    with Outputs(Silent()) as outputs, pytest.raises(InputError, match="GeoPackage or CSV"):
        table(outputs, str(tmp_path / "a.xlsx"), "series", None, {})
    with Outputs(Silent()) as outputs:
        sink = table(outputs, str(tmp_path / "b.csv"), "series", None, {})
        with pytest.raises(ValueError, match="value"):
            sink.write(X, Y, [*FIELDS[:2], Field("value", np.zeros(3))])
        sink.write(X, Y, FIELDS)
