"""Joins detections and their series: a relation in the project, which forms, tables and the series dock follow."""

from __future__ import annotations

from typing import Dict, Iterator, Optional

from qgis.core import QgsProject, QgsRelation, QgsVectorLayer

IDS = ("id", "fid")  # the number of a detection: in the table of series, and in the detections

# Which detections a table of series was made for, both as paths: known when the tool runs, needed when QGIS loads.
_MADE_FOR: Dict[str, str] = {}


def remember(series: str, detections: str) -> None:
    """Say that a table belongs to these detections."""
    _MADE_FOR[path_of(series)] = path_of(detections)


def path_of(source: str) -> str:
    """The file of a layer's source, without the name of the layer in it."""
    return source.partition("|")[0]


def join(project: Optional[QgsProject]) -> None:
    """Relate every table of the project to its detections; to be called whenever one of them was loaded."""
    if project is None:
        return
    for series, detections in _MADE_FOR.items():
        for child in _layers(project, series):
            for parent in _layers(project, detections):
                _relate(project, parent, child)


def _layers(project: QgsProject, path: str) -> Iterator[QgsVectorLayer]:
    for layer in project.mapLayers().values():
        if isinstance(layer, QgsVectorLayer) and path_of(layer.source()) == path:
            yield layer


def _relate(project: QgsProject, parent: QgsVectorLayer, child: QgsVectorLayer) -> None:
    manager = project.relationManager()
    if any(known.referencingLayerId() == child.id() for known in manager.referencedRelations(parent)):
        return
    own, theirs = IDS
    if child.fields().lookupField(own) < 0 or parent.fields().lookupField(theirs) < 0:
        return
    relation = QgsRelation()
    relation.setId(f"fringelens_{child.id()}")
    relation.setName(f"{child.name()} of {parent.name()}")
    relation.setReferencedLayer(parent.id())
    relation.setReferencingLayer(child.id())
    relation.addFieldPair(own, theirs)
    if relation.isValid():
        manager.addRelation(relation)
