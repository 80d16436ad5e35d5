"""Puts vectors of a run above its rasters, which would hide them; newer QGIS does so by itself."""

from __future__ import annotations

from typing import Optional, Set

from qgis.core import QgsLayerTree, QgsProcessingContext, QgsProject, QgsVectorLayer, QgsWkbTypes

from .links import path_of


def raise_vectors(context: QgsProcessingContext) -> None:
    """Move what a run has made of vectors to the top of the tree, points last; layers that wait are not there yet."""
    project: Optional[QgsProject] = context.project()
    if project is None:
        return
    paths = {path_of(path) for path in context.layersToLoadOnCompletion()}
    for kind in (QgsWkbTypes.GeometryType.PolygonGeometry, QgsWkbTypes.GeometryType.PointGeometry):
        for layer in list(project.mapLayers().values()):
            if isinstance(layer, QgsVectorLayer) and layer.geometryType() == kind and path_of(layer.source()) in paths:
                _raise(project, layer, paths)


def _raise(project: QgsProject, layer: QgsVectorLayer, paths: Set[str]) -> None:
    node = project.layerTreeRoot().findLayer(layer.id())
    if node is None or node.parent() is None:
        return
    group = node.parent()
    for place, other in enumerate(group.children()):
        if other is node:
            return
        if QgsLayerTree.isLayer(other) and other.layer() is not None and path_of(other.layer().source()) in paths:
            group.insertChildNode(place, node.clone())
            group.removeChildNode(node)
            return
