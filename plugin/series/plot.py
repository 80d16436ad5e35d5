"""The widget that shows curves: reads out the value under the mouse, zooms with the wheel, moves with the mouse."""

from __future__ import annotations

import math
from datetime import date
from typing import List, NamedTuple, Optional, Tuple

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from . import axes, paint
from . import view as views
from .view import Curve, View

REACH = 24.0  # pixels around the mouse within which a value is read out
ZOOM = 1.2  # for each notch of the wheel
NOTCH = 120.0  # what Qt calls one notch
LEAST_DAYS, MOST_DAYS = 10.0, 200.0 * 366
LEAST_VALUES = 1e-3
MINUS = "−"
SMALLEST, USUAL = QSize(260, 180), QSize(700, 340)
PICTURE = QSize(900, 460)  # the least that a picture is drawn in, whatever the size of the dock
EXPORT_SCALE = 2.0  # pixels of a picture for each on the screen
HINT = "Click a detection, a point of a series, or a pixel of a displacement raster on the map."

Range = Tuple[float, float]


class Reading(NamedTuple):
    """The value that is nearest to the mouse."""

    curve: Curve
    index: int
    place: QPointF

    def text(self) -> List[str]:
        """Its lines: name, date, value with deviation, and what the trend leaves."""
        series, trend = self.curve.series, self.curve.trend
        sigma = series.sigmas[self.index]
        value = f"{series.values[self.index]:.1f}" + (f" ± {sigma:.1f}" if math.isfinite(sigma) else "")
        about = " (scatter about the trend)" if self.curve.is_scatter else ""
        date_and_value = f"{series.dates[self.index].isoformat()}   {value.replace('-', MINUS)} {series.unit}{about}"
        lines = [series.name, date_and_value]
        if trend is not None:
            rest = f"{trend.residuals[self.index]:+.1f}".replace("-", MINUS)
            lines.append(f"{trend.text(series.unit)}, residual {rest} {series.unit}")
        return lines + [series.note] * bool(series.note)


class SeriesPlot(QWidget):
    """Shows curves; `show_curves` draws others, `save` writes the picture."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        """An empty plot that says how to fill it."""
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setMinimumSize(SMALLEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.curves: List[Curve] = []
        self.view = View()
        self.days: Range = (0.0, 1.0)
        self.values: Range = (-1.0, 1.0)
        self.reading: Optional[Reading] = None
        self.hint = HINT
        self._is_zoomed = False
        self._grip: Optional[Tuple[QPointF, Range, Range]] = None

    def show_curves(self, curves: List[Curve], view: View) -> None:
        """Draw these; the ranges follow the data unless they are to stay or the user has zoomed."""
        had_curves = bool(self.curves)
        self.curves, self.view, self.reading = curves, view, None
        keeps = had_curves and (self._is_zoomed or view.scale == views.KEPT)
        if not keeps or not curves:
            self.fit()
        self.update()

    def fit(self) -> None:
        """Show everything."""
        self._is_zoomed = False
        days = [d.toordinal() for curve in self.curves for d in curve.series.dates]
        first, last = (min(days), max(days)) if days else (date.today().toordinal() - 365, date.today().toordinal())
        self.days = axes.widened(first, last, LEAST_DAYS)
        self.values = axes.widened(*views.value_range(self.curves, self.view), LEAST_VALUES)
        self.update()

    def plot(self) -> paint.Plot:
        """The drawing in its present size."""
        return self._drawn(paint.Look.of(self.palette(), self.font()), self.size())

    def picture(self) -> QImage:
        """The plot on white, in twice the size of the screen."""
        size = self.size().expandedTo(PICTURE)
        image = QImage(size * EXPORT_SCALE, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.scale(EXPORT_SCALE, EXPORT_SCALE)
        self._drawn(paint.Look(QColor("white"), QColor("#1a1a2a"), self.font()), size).paint(painter)
        painter.end()
        return image

    # What Qt calls.

    def sizeHint(self) -> QSize:
        """What the dock begins with."""
        return USUAL

    def paintEvent(self, event: object) -> None:  # noqa: ARG002
        """Draw the plot and the reading."""
        painter = QPainter(self)
        plot = self.plot()
        plot.paint(painter)
        if not self.curves:
            painter.setPen(plot.look.faint(0.6))
            words = paint.bits(Qt.AlignmentFlag.AlignCenter, Qt.TextFlag.TextWordWrap)
            painter.drawText(plot.main.area.adjusted(20, 20, -20, -20), words, self.hint)
        elif self.reading is not None:
            self._draw_reading(painter, plot)
        painter.end()

    def mouseMoveEvent(self, event: object) -> None:
        """Read out the value near the mouse, or move the plot with it."""
        place = QPointF(event.pos())
        if self._grip is not None:
            start, days, values = self._grip
            area = self.plot().main.area
            across = (place.x() - start.x()) / area.width() * (days[1] - days[0])
            up = (place.y() - start.y()) / area.height() * (values[1] - values[0])
            self.days, self.values = (days[0] - across, days[1] - across), (values[0] + up, values[1] + up)
            self._is_zoomed = True
        else:
            self.reading = self.nearest(place)
        self.update()

    def mousePressEvent(self, event: object) -> None:
        """Take hold of the plot."""
        if event.button() == Qt.MouseButton.LeftButton and self.curves:
            self._grip = (QPointF(event.pos()), self.days, self.values)

    def mouseReleaseEvent(self, event: object) -> None:  # noqa: ARG002
        """Let go of it."""
        self._grip = None

    def mouseDoubleClickEvent(self, event: object) -> None:  # noqa: ARG002
        """Show everything again."""
        self.fit()

    def leaveEvent(self, event: object) -> None:  # noqa: ARG002
        """Take the reading away."""
        self.reading = None
        self.update()

    def wheelEvent(self, event: object) -> None:
        """Zoom about the mouse: in time, with Ctrl in value."""
        if not self.curves:
            return
        place = event.position() if hasattr(event, "position") else QPointF(event.pos())
        factor = ZOOM ** (-event.angleDelta().y() / NOTCH)
        main = self.plot().main
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.values = _zoomed(self.values, main.up.to_value(place.y()), factor, LEAST_VALUES, math.inf)
        else:
            self.days = _zoomed(self.days, main.across.to_value(place.x()), factor, LEAST_DAYS, MOST_DAYS)
        self._is_zoomed = True
        self.update()

    def nearest(self, place: QPointF) -> Optional[Reading]:
        """The value drawn nearest to a place of the widget, if one is near."""
        main = self.plot().main
        best, found = REACH, None
        for curve in self.curves:
            for i, (day, value) in enumerate(zip(curve.series.dates, curve.series.values)):
                point = main.point(day.toordinal(), value)
                distance = math.hypot(point.x() - place.x(), point.y() - place.y())
                if distance < best and main.area.contains(point):
                    best, found = distance, Reading(curve, i, point)
        return found

    def _drawn(self, look: paint.Look, size: QSize) -> paint.Plot:
        return paint.Plot(self.curves, self.view, look, (size.width(), size.height()), self.days, self.values)

    def _draw_reading(self, painter: QPainter, plot: paint.Plot) -> None:
        reading, lines = self.reading, self.reading.text()
        metrics = QFontMetricsF(plot.look.font)
        width = max(metrics.horizontalAdvance(line) for line in lines) + 16
        height = len(lines) * metrics.height() + 10
        area = plot.main.area
        x = reading.place.x() + 12 if reading.place.x() + 12 + width < area.right() else reading.place.x() - 12 - width
        y = min(max(reading.place.y() - height - 8, area.top() + 2), area.bottom() - height)
        painter.setPen(QPen(plot.look.faint(0.5), 1.0, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(reading.place.x(), area.top()), QPointF(reading.place.x(), area.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(reading.curve.colour), 2.0))
        painter.drawEllipse(reading.place, 2 * paint.POINT, 2 * paint.POINT)
        box = QRectF(max(x, 2.0), y, width, height)
        painter.setBrush(plot.look.paper)
        painter.setPen(QPen(plot.look.faint(0.4), 1.0))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(plot.look.ink)
        painter.drawText(box.adjusted(8, 5, -8, -5), paint.bits(Qt.AlignmentFlag.AlignLeft), "\n".join(lines))


def _zoomed(old: Range, about: float, factor: float, least: float, most: float) -> Range:
    width = min(max((old[1] - old[0]) * factor, least), most)
    share = (about - old[0]) / (old[1] - old[0])
    return about - share * width, about + (1.0 - share) * width
