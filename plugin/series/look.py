"""Finds what can be shown at a place of the map. Needs qgis.core, no window."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from . import rasters, tables
from .model import MeanQuery
from .view import Place

MOST_AT_ONCE = 20  # series that a rectangle or a selection adds; more cannot be told apart
MOST_IN_MEAN = 200  # detections whose mean is taken
SCORE = "score"  # the column that every detection of ours has
COMPANIONS = ("velocity", "std")  # words in the names of layers that belong to a raster of series


def kind_of(layer: Optional[QgsMapLayer]) -> str:
    """What a layer is to the dock: "raster", "table", "features" that a table may belong to, or nothing."""
    if isinstance(layer, QgsRasterLayer):
        return "raster" if rasters.bands_of(layer) else ""
    if isinstance(layer, QgsVectorLayer) and layer.isValid():
        if tables.columns_of(layer):
            return "table"
        return "features" if layer.isSpatial() else ""
    return ""


def candidates(active: Optional[QgsMapLayer], shown: Sequence[QgsMapLayer]) -> List[QgsMapLayer]:
    """The layers to ask, the active one first, then those on the map from the top; only those that may answer."""
    ordered = ([active] if active is not None else []) + [one for one in shown if one is not active]
    return [layer for layer in ordered if kind_of(layer)]


def queries(
    area: QgsRectangle, crs: QgsCoordinateReferenceSystem, layers: Sequence[QgsMapLayer], *, is_click: bool
) -> List[Any]:
    """What to read of the first layer that has something in `area`, a rectangle in `crs`; a click asks for its middle.

    Each answer has `name`, `identity`, and `read`, which may be called in another thread.
    """
    for layer in layers:
        try:
            there = transform(crs, layer.crs()).transformBoundingBox(area)
            centre = transform(crs, layer.crs()).transform(area.center())
        except QgsCsException:
            continue  # the place does not exist in the CRS of this layer
        if isinstance(layer, QgsRasterLayer):
            found = _in_raster(layer, there, centre, is_click)
        else:
            found = _in_features(layer, there, centre, is_click)
        if found:
            return found
    return []


def mean_in(area: QgsGeometry, crs: QgsCoordinateReferenceSystem, layers: Sequence[QgsMapLayer]) -> List[Any]:
    """One query for the mean over an area in `crs`: of the first layer that has something in it."""
    for layer in layers:
        there = QgsGeometry(area)
        try:
            there.transform(transform(crs, layer.crs()))
        except QgsCsException:
            continue
        if not there.intersects(layer.extent()):
            continue
        columns = tables.columns_of(layer) if isinstance(layer, QgsVectorLayer) else None
        if isinstance(layer, QgsRasterLayer):
            return [rasters.AreaQuery(layer, there)]
        if columns is not None and layer.isSpatial():
            return [tables.TableAreaQuery(layer, columns, there)]
        found = _linked_in(layer, there)
        if found:
            return [MeanQuery(f"{layer.name()}, area", (layer.id(), there.asWkt(3)), found)]
    return []


def selected(layer: Optional[QgsMapLayer]) -> List[Any]:
    """What to read of the features that are selected in a layer, on the map or in its table."""
    if kind_of(layer) not in ("table", "features") or not layer.selectedFeatureCount():
        return []
    return _of_request(layer, QgsFeatureRequest().setFilterFids(list(layer.selectedFeatureIds())), MOST_AT_ONCE)


def on_map(place: Place, crs: QgsCoordinateReferenceSystem) -> Optional[Tuple[Any, Optional[QgsGeometry]]]:
    """Point and outline of a place in the CRS of the map; None where they do not exist in it."""
    way = transform(place.crs, crs)
    outline = QgsGeometry(place.outline) if place.outline is not None else None
    try:
        if outline is not None:
            outline.transform(way)
        return way.transform(place.point), outline
    except QgsCsException:
        return None


def transform(source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem) -> QgsCoordinateTransform:
    """Between two CRSs, as the project does it; layers without a CRS are taken as they are."""
    return QgsCoordinateTransform(source, target, QgsProject.instance())


def _in_raster(layer: QgsRasterLayer, area: QgsRectangle, centre: Any, is_click: bool) -> List[Any]:  # noqa: FBT001
    if is_click:
        return [rasters.PixelQuery(layer, centre, _companions(layer))] if layer.extent().contains(centre) else []
    return [rasters.AreaQuery(layer, QgsGeometry.fromRect(area))] if layer.extent().intersects(area) else []


def _in_features(layer: QgsVectorLayer, area: QgsRectangle, centre: Any, is_click: bool) -> List[Any]:  # noqa: FBT001
    request = QgsFeatureRequest().setFilterRect(area).setFlags(QgsFeatureRequest.Flag.ExactIntersect)
    if not is_click:
        return _of_request(layer, request, MOST_AT_ONCE)
    point, nearest, distance = QgsGeometry.fromPointXY(centre), None, float("inf")
    for feature in layer.getFeatures(request):
        found = feature.geometry().distance(point)
        if found < distance:
            nearest, distance = feature.id(), found
    return _of_request(layer, QgsFeatureRequest(nearest), 1) if nearest is not None else []


def _of_request(layer: QgsVectorLayer, request: QgsFeatureRequest, most: int) -> List[Any]:
    columns = tables.columns_of(layer)
    if columns is not None:
        return [tables.TableQuery(layer, columns, key) for key in tables.keys_of(layer, columns, request, most)]
    found = []
    for feature in layer.getFeatures(request.setLimit(most)):
        query = _linked(layer, feature)
        found += [query] if query else []
    return found


def _linked_in(layer: QgsVectorLayer, area: QgsGeometry) -> List[Any]:
    """The series of the detections that touch an area."""
    found = []
    for feature in layer.getFeatures(QgsFeatureRequest().setFilterRect(area.boundingBox())):
        query = _linked(layer, feature) if feature.geometry().intersects(area) else None
        found += [query] if query else []
        if len(found) >= MOST_IN_MEAN:
            break
    return found


def _linked(layer: QgsVectorLayer, feature: Any) -> Optional[tables.TableQuery]:
    """The series of a detection: by a relation of the project, else in a table that has rows of its number there."""
    for relation in QgsProject.instance().relationManager().referencedRelations(layer):
        columns = tables.columns_of(relation.referencingLayer())
        pair = next(iter(relation.fieldPairs().items()), None)
        if columns is not None and pair is not None:
            return tables.TableQuery(relation.referencingLayer(), columns._replace(id=pair[0]), feature[pair[1]])
    names = [field.name() for field in layer.fields()]
    if SCORE not in names:  # any polygons have numbers
        return None
    key = feature["id"] if "id" in names else feature.id()
    for other in QgsProject.instance().mapLayers().values():
        columns = tables.columns_of(other) if isinstance(other, QgsVectorLayer) else None
        if columns is not None and columns.id and not columns.is_wide:
            area = transform(layer.crs(), other.crs()).transformBoundingBox(feature.geometry().boundingBox())
            if tables.has_key(other, columns, key, area):
                return tables.TableQuery(other, columns, key)
    return None


def _companions(layer: QgsRasterLayer) -> Any:
    """Rasters of one band in the same folder and on the same grid, whose name says velocity or its deviation."""
    folder = layer.source().rpartition("/")[0]
    found = []
    for other in QgsProject.instance().mapLayers().values():
        if isinstance(other, QgsRasterLayer) and other.bandCount() == 1 and folder and other.extent() == layer.extent():
            word = next((w for w in COMPANIONS[::-1] if w in other.name().lower()), "")
            if word and other.source().rpartition("/")[0] == folder:
                found.append((other.name(), other))
    return tuple(found)
