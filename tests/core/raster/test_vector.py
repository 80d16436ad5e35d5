"""Polygons as GeoPackage: out whole or not at all, and back in any CRS."""

import numpy as np
import pyogrio
import pytest
from fringelens.core.errors import Cancelled, InputError, OutputError
from fringelens.core.progress import Silent
from fringelens.core.raster.sink import Outputs
from fringelens.core.raster.vector import Field, read_polygons
from rasterio.crs import CRS
from rasterio.warp import transform as warp

UTM, WGS84 = CRS.from_epsg(32634), CRS.from_epsg(4326)


def square(x, y, side):
    return np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)], float)


POLYGONS = [(square(500_000, 4_400_000, 1000), square(500_300, 4_400_300, 200)), (square(503_000, 4_400_000, 500),)]
FIELDS = [
    Field("score", np.array([0.9, 0.5], np.float32), "1, probability of the detection"),
    Field("pixels", np.array([2400, 625])),
    Field("note", np.array(["", "blind slope"], object)),
]
TAGS = {"FRINGELENS_TOOL": "detectsubsidence"}


def write(path, polygons=POLYGONS, fields=FIELDS, crs=UTM, then=None):
    with Outputs(Silent()) as outputs:
        outputs.vector(path, crs, TAGS).write(polygons, fields)
        if then is not None:
            raise then
    return path


def test_what_is_written_is_what_is_read(tmp_path):
    features = read_polygons(str(write(tmp_path / "a.gpkg")), UTM)
    assert [feature.fid for feature in features] == [1, 2]
    assert [feature.attributes["pixels"] for feature in features] == [2400, 625]
    assert features[1].attributes["note"] == "blind slope"
    for feature, rings in zip(features, POLYGONS, strict=True):
        assert len(feature.polygons) == 1
        for found, ring in zip(feature.polygons[0], rings, strict=True):
            np.testing.assert_array_equal(found, ring)


def test_types_crs_and_provenance_are_in_the_layer(tmp_path):
    info = pyogrio.read_info(write(tmp_path / "a.gpkg"))
    assert info["driver"] == "GPKG"
    assert info["geometry_type"] == "Polygon"
    assert CRS.from_user_input(info["crs"]) == UTM
    assert dict(zip(info["fields"], info["dtypes"], strict=True)) == {
        "score": "float32",
        "pixels": "int64",
        "note": "object",
    }
    assert info["layer_metadata"]["FRINGELENS_TOOL"] == "detectsubsidence"
    assert info["layer_metadata"]["FIELD_score"] == "1, probability of the detection"


def test_no_polygon_gives_a_layer_with_its_columns(tmp_path):
    path = write(tmp_path / "a.gpkg", [], [Field("score", np.empty(0, np.float32))])
    assert pyogrio.read_info(path)["features"] == 0
    assert list(pyogrio.read_info(path)["fields"]) == ["score"]
    assert read_polygons(str(path), UTM) == []


def test_the_same_job_gives_the_same_bytes(tmp_path):
    assert write(tmp_path / "a.gpkg").read_bytes() == write(tmp_path / "b.gpkg").read_bytes()


def test_a_job_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.gpkg").write_bytes(b"the old one")
    with pytest.raises(Cancelled):
        write(tmp_path / "a.gpkg", then=Cancelled)
    assert [path.name for path in tmp_path.iterdir()] == ["a.gpkg"]
    assert (tmp_path / "a.gpkg").read_bytes() == b"the old one"


def test_a_log_that_sqlite_kept_beside_the_old_file_goes_with_it(tmp_path):
    (tmp_path / "a.gpkg-wal").write_bytes(b"of the old one")
    write(tmp_path / "a.gpkg")
    assert [path.name for path in tmp_path.iterdir()] == ["a.gpkg"]


def test_names_and_folders_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"GeoPackage"), Outputs(Silent()) as outputs:
        outputs.vector(tmp_path / "a.shp", UTM)
    with pytest.raises(OutputError, match="does not exist"), Outputs(Silent()) as outputs:
        outputs.vector(tmp_path / "none" / "a.gpkg", UTM)


def test_a_column_of_another_length_is_refused(tmp_path):
    with pytest.raises(ValueError, match="score"), Outputs(Silent()) as outputs:
        outputs.vector(tmp_path / "a.gpkg", UTM).write(POLYGONS, [Field("score", np.zeros(3))])


def test_polygons_of_another_crs_are_brought_into_that_of_the_raster(tmp_path):
    path = write(tmp_path / "a.gpkg")
    found = read_polygons(str(path), WGS84)[0].polygons[0][1]
    lon, lat = warp(UTM, WGS84, POLYGONS[0][1][:, 0].tolist(), POLYGONS[0][1][:, 1].tolist())
    np.testing.assert_allclose(found, np.column_stack((lon, lat)), atol=1e-9)


def test_without_any_crs_coordinates_are_taken_as_they_are(tmp_path):
    path = write(tmp_path / "a.gpkg", crs=None)
    np.testing.assert_array_equal(read_polygons(str(path), None)[1].polygons[0][0], POLYGONS[1][0])


@pytest.mark.parametrize(("of_file", "of_raster", "who"), [(None, UTM, "a.gpkg"), (UTM, None, "the raster")])
def test_one_side_without_a_crs_is_refused_by_name(tmp_path, of_file, of_raster, who):
    path = write(tmp_path / "a.gpkg", crs=of_file)
    with pytest.raises(InputError, match=rf"{who} has no CRS"):
        read_polygons(str(path), of_raster)


GEOJSON = '{{"type": "FeatureCollection", "features": [{}]}}'
MULTI = (
    '{"type": "MultiPolygon", "coordinates": [[[[21,39],[22,39],[22,40],[21,39]]],[[[23,39],[24,39],[24,40],[23,39]]]]}'
)
POINT = '{"type": "Point", "coordinates": [21, 39]}'


def geojson(path, *geometries):
    features = [f'{{"type": "Feature", "properties": {{"name": "x"}}, "geometry": {shape}}}' for shape in geometries]
    path.write_text(GEOJSON.format(",".join(features)))
    return str(path)


def test_multipolygons_and_features_without_geometry_are_read(tmp_path):
    features = read_polygons(geojson(tmp_path / "a.geojson", "null", MULTI), WGS84)
    assert [len(feature.polygons) for feature in features] == [2]
    assert features[0].attributes == {"name": "x"}


def test_a_layer_is_found_by_the_name_that_qgis_gives(tmp_path):
    path = write(tmp_path / "a.gpkg")
    assert len(read_polygons(f"{path}|layername=detections", UTM)) == 2
    with pytest.raises(InputError, match="DETECTIONS"):
        read_polygons(f"{path}|layername=other", UTM)


def test_what_holds_no_polygons_is_refused(tmp_path):
    with pytest.raises(InputError, match="no layer of polygons"):
        read_polygons(geojson(tmp_path / "a.geojson", POINT), WGS84)
    with pytest.raises(InputError, match="there is no file"):
        read_polygons(str(tmp_path / "b.gpkg"), WGS84)
    (tmp_path / "c.gpkg").write_bytes(b"no database")
    with pytest.raises(InputError, match=r"c\.gpkg cannot be read"):
        read_polygons(str(tmp_path / "c.gpkg"), WGS84)
    (tmp_path / "d.txt").write_text("x")
    with pytest.raises(InputError, match="Export it as GeoPackage"):
        read_polygons(str(tmp_path / "d.txt"), WGS84)


def test_several_layers_of_polygons_are_named(tmp_path):
    path = write(tmp_path / "a.gpkg")
    shape = np.array([b""], object)
    shape[0] = pyogrio.raw.read(path)[2][0]
    pyogrio.raw.write(path, shape, [], [], layer="second", driver="GPKG", geometry_type="Polygon", crs="EPSG:32634")
    with pytest.raises(InputError, match="detections, second"):
        read_polygons(str(path), UTM)
