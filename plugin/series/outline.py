"""Draws a polygon on the map, corner by corner."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import QgsGeometry, QgsPointXY
from qgis.gui import QgsMapCanvas, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal

from .pick import BAND_COLOUR, new_band

FEWEST_CORNERS = 3


class OutlineTool(QgsMapTool):
    """`drawn` tells the polygon in map coordinates.

    The left button sets corners, the right one or a double-click ends; Backspace takes a corner back, Escape all.
    """

    drawn = pyqtSignal(QgsGeometry)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        """Not active until the canvas is given it."""
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._corners: List[QgsPointXY] = []
        self._band: Optional[QgsRubberBand] = None

    def canvasReleaseEvent(self, event: Any) -> None:
        """Set a corner, or end."""
        if event.button() == Qt.MouseButton.LeftButton:
            corner = self.toMapCoordinates(event.pos())
            if not self._corners or corner != self._corners[-1]:  # a double-click comes here, too
                self._corners.append(corner)
            self._show(corner)
        elif event.button() == Qt.MouseButton.RightButton:
            self._end()

    def canvasDoubleClickEvent(self, event: Any) -> None:
        """End; the first of the two clicks has set the last corner."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end()

    def canvasMoveEvent(self, event: Any) -> None:
        """Show the polygon as it would be with a corner here."""
        if self._corners:
            self._show(self.toMapCoordinates(event.pos()))

    def keyPressEvent(self, event: Any) -> None:
        """Take back one corner, or all."""
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and self._corners:
            self._corners.pop()
            event.ignore()  # else QGIS deletes what is selected in the active layer
        elif event.key() == Qt.Key.Key_Escape:
            self._corners.clear()
        if self._corners:
            self._show(self._corners[-1])
        else:
            self._drop()

    def deactivate(self) -> None:
        """Another tool takes over."""
        self._drop()
        super().deactivate()

    def _end(self) -> None:
        corners = list(self._corners)
        self._drop()
        polygon = QgsGeometry.fromPolygonXY([corners])
        polygon = polygon if polygon.isGeosValid() else polygon.makeValid()
        if len(corners) >= FEWEST_CORNERS and polygon.area() > 0:
            self.drawn.emit(polygon)

    def _show(self, corner: QgsPointXY) -> None:
        if self._band is None:
            self._band = new_band(self.canvas(), BAND_COLOUR)
        self._band.setToGeometry(QgsGeometry.fromPolygonXY([[*self._corners, corner]]), None)

    def _drop(self) -> None:
        self._corners.clear()
        if self._band is not None:
            self.canvas().scene().removeItem(self._band)
            self._band = None
