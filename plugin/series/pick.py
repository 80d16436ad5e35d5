"""Picks places on the map: a click, or a rectangle dragged with the mouse; and marks what was picked."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapTool, QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

REACH = 6  # pixels around a click in which a point is found
DRAG = 5  # pixels that make a click a rectangle
BAND_COLOUR = "#0072b2"
FILLED = 40  # of 255: how much the inside of an area covers


class PickTool(QgsMapTool):
    """`picked` tells the rectangle in map coordinates, whether it was a click, and whether it adds to what is there."""

    picked = pyqtSignal(QgsRectangle, bool, bool)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        """Not active until the canvas is given it."""
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._begin: Optional[QPoint] = None
        self._band: Optional[QgsRubberBand] = None

    def canvasPressEvent(self, event: Any) -> None:
        """Begin a click or a rectangle."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin = event.pos()

    def canvasMoveEvent(self, event: Any) -> None:
        """Show the rectangle."""
        if self._begin is None or (event.pos() - self._begin).manhattanLength() < DRAG:
            return
        if self._band is None:
            self._band = new_band(self.canvas(), BAND_COLOUR)
        self._band.setToGeometry(QgsGeometry.fromRect(self._rectangle(self._begin, event.pos())), None)

    def canvasReleaseEvent(self, event: Any) -> None:
        """Tell what was picked."""
        if self._begin is None or event.button() != Qt.MouseButton.LeftButton:
            return
        begin, self._begin = self._begin, None
        adds = bool(event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier))
        is_click = (event.pos() - begin).manhattanLength() < DRAG
        around = QPoint(REACH, REACH)
        area = self._rectangle(event.pos() - around, event.pos() + around) if is_click else None
        self._drop_band()
        self.picked.emit(area or self._rectangle(begin, event.pos()), is_click, adds)

    def deactivate(self) -> None:
        """Another tool takes over."""
        self._drop_band()
        self._begin = None
        super().deactivate()

    def _rectangle(self, one: QPoint, other: QPoint) -> QgsRectangle:
        return QgsRectangle(self.toMapCoordinates(one), self.toMapCoordinates(other))

    def _drop_band(self) -> None:
        if self._band is not None:
            self.canvas().scene().removeItem(self._band)
            self._band = None


def new_band(canvas: QgsMapCanvas, colour: str) -> QgsRubberBand:
    """The outline of an area on the map, faintly filled."""
    band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
    band.setColor(QColor(colour))
    fill = QColor(colour)
    fill.setAlpha(FILLED)
    band.setFillColor(fill)
    return band


class Markers:
    """The marks on the map, in the colours of the series."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        """No marks yet."""
        self._canvas = canvas
        self._shown: List[Any] = []

    def show(self, places: List[Any]) -> None:
        """Mark these ((point, outline) in map coordinates, colour, whether it is the reference) and no others."""
        self.clear()
        for (point, outline), colour, is_reference in places:
            if outline is not None:
                band = new_band(self._canvas, colour)
                band.setToGeometry(outline, None)
                self._shown.append(band)
            mark = QgsVertexMarker(self._canvas)
            mark.setCenter(QgsPointXY(point))
            mark.setColor(QColor(colour))
            kinds = QgsVertexMarker.IconType
            mark.setIconType(kinds.ICON_BOX if is_reference else kinds.ICON_CROSS)
            mark.setPenWidth(3)
            mark.setIconSize(14)
            self._shown.append(mark)

    def clear(self) -> None:
        """Take all marks away."""
        for mark in self._shown:
            self._canvas.scene().removeItem(mark)
        self._shown.clear()
