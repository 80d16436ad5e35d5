"""What is read of layers: values, dates, deviations, names, and what a click finds."""

from __future__ import annotations

import math
from datetime import date

import pytest

from .conftest import DAYS, LEFT, PIXEL, RATES, TOP, place_of, years


@pytest.fixture
def at(layers):
    """A rectangle around a point of the raster's CRS."""
    from qgis.core import QgsRectangle

    return lambda x, y, reach=5.0: QgsRectangle(x - reach, y - reach, x + reach, y + reach)


def ask(layers, area, *names, is_click=True):
    from fringelens.plugin.series import look

    return look.queries(area, layers["raster"].crs(), [layers[name] for name in names], is_click=is_click)


def pixel(column: int, row: int) -> tuple[float, float]:
    return LEFT + (column + 0.5) * PIXEL, TOP - (row + 0.5) * PIXEL


def test_a_pixel_of_a_raster_is_read_on_every_date(layers, at):
    (query,) = ask(layers, at(*pixel(3, 7)), "raster")
    (series,) = query.read()
    assert series.dates == tuple(DAYS)
    assert series.values == tuple(3.0 * i for i in range(len(DAYS)))
    assert (series.unit, series.name) == ("mm", "displacement 3, 7")
    assert not series.has_sigmas


def test_a_pixel_without_data_has_no_series(layers, at):
    (query,) = ask(layers, at(*pixel(0, 7)), "raster")
    assert query.read() == []


def test_beside_the_raster_there_is_nothing(layers, at):
    assert ask(layers, at(LEFT - 100.0, TOP), "raster") == []


def test_a_rectangle_is_the_mean_of_its_pixels_with_their_spread(layers, at):
    from qgis.core import QgsRectangle

    area = QgsRectangle(LEFT + 2 * PIXEL, TOP - 4 * PIXEL, LEFT + 5 * PIXEL, TOP - 2 * PIXEL)
    (query,) = ask(layers, area, "raster", is_click=False)
    (series,) = query.read()
    assert series.values == pytest.approx([3.0 * i for i in range(len(DAYS))])  # columns 2, 3, 4
    assert series.sigmas == pytest.approx([math.sqrt(0.8) * i for i in range(len(DAYS))])
    assert "(6 pixels)" in series.name


def test_bands_with_standard_deviations_go_with_their_dates(tmp_path, raster, project):
    from fringelens.plugin.series import rasters
    from osgeo import gdal
    from qgis.core import QgsPointXY, QgsRasterLayer

    path = str(tmp_path / "both.tif")
    both = gdal.Translate(path, str(raster), bandList=[1, 2, 3, 3])
    names = (DAYS[0].isoformat(), DAYS[1].isoformat(), "std 2018-01-18", "20180211 displacement")
    for band, name in enumerate(names, start=1):
        both.GetRasterBand(band).SetDescription(name)
    both.FlushCache()
    layer = QgsRasterLayer(path, "both")
    (series,) = rasters.PixelQuery(layer, QgsPointXY(*pixel(4, 4))).read()
    assert series.dates == (DAYS[0], DAYS[1], date(2018, 2, 11))
    assert series.sigmas[1] == 8.0
    assert math.isnan(series.sigmas[0])


def test_velocity_rasters_beside_it_are_quoted(layers, raster, project, at):
    from osgeo import gdal
    from qgis.core import QgsRasterLayer

    gdal.Translate(str(raster.with_name("velocity.tif")), str(raster), bandList=[3])
    project.addMapLayer(QgsRasterLayer(str(raster.with_name("velocity.tif")), "Velocity"))
    (query,) = ask(layers, at(*pixel(3, 7)), "raster")
    assert query.read()[0].note == "Velocity 6.0"


@pytest.mark.parametrize("number", RATES)
def test_a_click_on_a_point_of_the_table_reads_its_rows(layers, at, number):
    (query,) = ask(layers, at(*place_of(number)), "table")
    (series,) = query.read()
    expected = [day for i, day in enumerate(DAYS) if (number, i) != (2, 2)]
    assert series.dates == tuple(expected)
    assert series.values == pytest.approx([RATES[number] * years(day) for day in expected])
    assert series.sigmas[1] == pytest.approx(0.1)
    assert series.name == f"series {number}"
    assert series.note == f"in the table: {RATES[number]:+.1f} ± 0.5 mm/yr".replace("-", "−")


def test_a_click_on_a_detection_finds_its_rows_in_the_table(layers, at):
    x, y = place_of(2)
    (query,) = ask(layers, at(x + 25.0, y - 25.0, 1.0), "detections")
    assert query.read()[0].name == "series 2"


def test_polygons_that_are_no_detections_find_nothing(layers, at, project):
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    fields = {"countries": "field=name:string", "elsewhere": "field=score:double"}
    for name, field in fields.items():
        layer = QgsVectorLayer(f"Polygon?crs=EPSG:32614&{field}", name, "memory")
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(at(600_000.0, 2_100_000.0, 1000.0)))
        layer.dataProvider().addFeature(feature)
        layers[name] = layer
        assert ask(layers, at(600_000.0, 2_100_000.0), name) == []


def test_a_relation_of_the_project_says_which_table(layers, at, project):
    from qgis.core import QgsRelation

    relation = QgsRelation()
    relation.setId("r")
    relation.setReferencedLayer(layers["detections"].id())
    relation.setReferencingLayer(layers["table"].id())
    relation.addFieldPair("id", "fid")
    project.relationManager().addRelation(relation)
    (query,) = ask(layers, at(*place_of(3)), "detections")
    assert query.read()[0].values[-1] == pytest.approx(RATES[3] * years(DAYS[-1]))


def test_a_rectangle_on_the_table_finds_each_series_once(layers, at):
    queries = ask(layers, at(*place_of(2), 500.0), "table", is_click=False)
    assert sorted(query.name for query in queries) == ["series 1", "series 2", "series 3"]


def test_what_is_selected_is_read(layers):
    from fringelens.plugin.series import look

    layers["detections"].selectByIds([1, 3])
    assert [query.name for query in look.selected(layers["detections"])] == ["series 1", "series 3"]
    layers["table"].selectByExpression("id = 2")
    assert [query.name for query in look.selected(layers["table"])] == ["series 2"]
    assert look.selected(layers["raster"]) == []
    assert look.selected(None) == []


def test_the_first_layer_that_has_something_answers(layers, at):
    from fringelens.plugin.series import look

    x, y = pixel(11, 11)
    (query,) = ask(layers, at(x, y), "detections", "table", "raster")
    assert query.name == "displacement 11, 11"
    order = look.candidates(layers["raster"], [layers["table"], layers["raster"]])
    assert [layer.name() for layer in order] == ["displacement", "series"]


def test_a_text_table_is_read_like_a_geopackage(layers, tmp_path, project):
    from fringelens.plugin.series import tables
    from qgis.core import QgsVectorFileWriter, QgsVectorLayer

    path = str(tmp_path / "series.csv")
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "CSV"
    QgsVectorFileWriter.writeAsVectorFormatV3(layers["table"], path, project.transformContext(), options)
    as_text = f"file://{path}?delimiter=,"
    for layer in (QgsVectorLayer(path, "text", "ogr"), QgsVectorLayer(as_text, "text", "delimitedtext")):
        columns = tables.columns_of(layer)
        assert columns is not None
        key = next(f["id"] for f in layer.getFeatures() if str(f["id"]) == "1")
        (series,) = tables.TableQuery(layer, columns, key).read()
        assert series.dates == tuple(DAYS)
        assert series.values[-1] == pytest.approx(RATES[1] * years(DAYS[-1]))


def test_a_column_for_each_date_as_others_write_it_is_read(project):
    from fringelens.plugin.series import tables
    from qgis.core import QgsFeature, QgsVectorLayer

    fields = ["field=pid:string", "field=mean_velocity:double", *(f"field=D{day:%Y%m%d}:double" for day in DAYS[:4])]
    layer = QgsVectorLayer("NoGeometry?" + "&".join(fields), "EGMS", "memory")
    feature = QgsFeature(layer.fields())
    feature.setAttributes(["A7", -3.5, 0.0, 1.0, None, 2.5])
    layer.dataProvider().addFeature(feature)
    columns = tables.columns_of(layer)
    assert columns.is_wide
    (series,) = tables.TableQuery(layer, columns, 1).read()
    assert series.dates == (DAYS[0], DAYS[1], DAYS[3])
    assert series.values == (0.0, 1.0, 2.5)
    assert series.note == "in the table: −3.5 mm/yr"


def test_other_layers_are_no_series(layers, write_phase, project):
    from fringelens.plugin.series import look
    from qgis.core import QgsRasterLayer, QgsVectorLayer

    assert look.kind_of(QgsRasterLayer(str(write_phase()), "phase")) == ""
    assert look.kind_of(QgsVectorLayer("NoGeometry?field=a:int", "plain", "memory")) == ""
    assert look.kind_of(layers["detections"]) == "features"
    assert look.kind_of(None) == ""


def test_pieces_of_a_network_are_told(project):
    from fringelens.plugin.series import tables
    from qgis.core import QgsFeature, QgsVectorLayer

    fields = "field=id:int&field=date:date&field=displacement_mm:double&field=piece:int"
    layer = QgsVectorLayer(f"NoGeometry?{fields}", "s", "memory")
    for i, day in enumerate(DAYS[:4]):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([1, day.isoformat(), float(i), 1 + i // 2])
        layer.dataProvider().addFeature(feature)
    (series,) = tables.TableQuery(layer, tables.columns_of(layer), 1).read()
    assert series.note.startswith("2 pieces")
