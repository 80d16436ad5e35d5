"""Draws curves on anything Qt paints on: axes, values with their deviations, trends, replicas, residuals, a legend."""

from __future__ import annotations

import functools
import math
import operator
from dataclasses import dataclass
from typing import Any, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF

from . import axes
from . import view as views
from .axes import Scale
from .view import Curve, View

POINT = 3.2  # radius
PALE, PALER = 60, 110  # opacity, of 255, of bands and of replicas
TREND_STEPS = 120
RESIDUAL_SHARE = 0.3
LEGEND_SHARE = 0.3  # of the height; the list beside the plot names those that find no room
FONT_SHARE = 0.9  # of the size of the window's font
TICK_WIDTH, TICK_HEIGHT = 95.0, 42.0  # pixels that a label and its surroundings take
DASHES, SOLID = Qt.PenStyle.DashLine, Qt.PenStyle.SolidLine
CENTRE, RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
MIDDLE, TOP = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignTop


@dataclass
class Look:
    """Colours of what is no series, and the font."""

    paper: QColor
    ink: QColor
    font: QFont

    @classmethod
    def of(cls, palette: QPalette, font: QFont) -> Look:
        """As the window has them, dark or light."""
        roles = QPalette.ColorRole
        return cls(palette.color(roles.Base), palette.color(roles.Text), font)

    def __post_init__(self) -> None:
        """A plot's words are smaller than a window's."""
        self.font = QFont(self.font)
        self.font.setPointSizeF(FONT_SHARE * max(self.font.pointSizeF(), 1.0))

    def faint(self, share: float) -> QColor:
        """The ink, mixed with the paper."""
        parts = [round(share * i + (1 - share) * p) for i, p in zip(self.ink.getRgb()[:3], self.paper.getRgb()[:3])]
        return QColor(*parts)


@dataclass
class Panel:
    """One pair of axes: days across, values up."""

    across: Scale
    up: Scale

    @property
    def area(self) -> QRectF:
        """Where it is drawn."""
        top = min(self.up.first, self.up.last)
        width, height = self.across.last - self.across.first, abs(self.up.last - self.up.first)
        return QRectF(self.across.first, top, width, height)

    def point(self, day: float, value: float) -> QPointF:
        """Where a value of a day is drawn."""
        return QPointF(self.across.to_pixel(day), self.up.to_pixel(value))


class Plot:
    """A drawing of some curves in a rectangle; `main` and `rest` say where its axes are."""

    def __init__(
        self,
        curves: Sequence[Curve],
        view: View,
        look: Look,
        size: Tuple[float, float],
        days: Tuple[float, float],
        values: Tuple[float, float],
    ) -> None:
        """`size` is width and height in pixels; `days` and `values` are the ranges of the main axes."""
        self.curves, self.view, self.look, self.size = curves, view, look, size
        metrics = QFontMetricsF(look.font)
        self._line = metrics.height()
        self.rows = self._legend_rows(metrics)[: max(int(LEGEND_SHARE * size[1] / (1.15 * self._line)), 1)]
        top = 8.0 + len(self.rows) * self._line * 1.15
        bottom = size[1] - 1.6 * self._line
        ticks = axes.value_ticks(*values, max(round((bottom - top) / TICK_HEIGHT), 3))
        widest = max([metrics.horizontalAdvance(label) for _, label in ticks] + [metrics.horizontalAdvance("−000")])
        left, right = widest + 2.1 * self._line, size[0] - 14.0
        has_rest = view.residuals and any(curve.trend for curve in curves)
        share = RESIDUAL_SHARE if has_rest else 0.0
        split = bottom - share * (bottom - top)
        across = Scale(days[0], days[1], left, max(right, left + 1))
        self.main = Panel(across, Scale(values[0], values[1], split - (8.0 if has_rest else 0.0), top))
        self.rest: Optional[Panel] = None
        if has_rest:
            most = max(abs(r) for curve in curves if curve.trend for r in curve.trend.residuals) or 1.0
            low, high = axes.widened(-most, most, 1e-6)
            self.rest = Panel(across, Scale(low, high, bottom, split + 8.0))

    def paint(self, painter: QPainter) -> None:
        """Draw everything."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.look.font)
        painter.fillRect(QRectF(0, 0, *self.size), self.look.paper)
        unit = self.curves[0].series.unit if self.curves else "mm"
        quantity = self.curves[0].series.quantity if self.curves else "Displacement"
        self._axes(painter, self.main, f"{quantity} ({unit})", self.rest is None)
        for curve in self.curves:
            self._draw(painter, curve)
        if self.rest is not None:
            self._axes(painter, self.rest, f"Residual ({unit})", has_dates=True)
            for curve in self.curves:
                self._residuals(painter, self.rest, curve)
        self._legend(painter)

    def _draw(self, painter: QPainter, curve: Curve) -> None:
        painter.save()
        painter.setClipRect(self.main.area.adjusted(-POINT, -POINT, POINT, POINT))
        colour = QColor(curve.colour)
        cycles = (-self.view.cycle, self.view.cycle) if self.view.replicas else ()
        for cycle in cycles:
            self._points(painter, curve, _faded(colour, PALER), cycle, 0.7 * POINT)
        self._uncertainty(painter, curve, colour)
        if curve.trend is not None:
            low, high = curve.series.dates[0].toordinal(), curve.series.dates[-1].toordinal()
            steps = [low + (high - low) * i / TREND_STEPS for i in range(TREND_STEPS + 1)]
            painter.setPen(QPen(colour, 1.8, DASHES))
            painter.drawPolyline(QPolygonF([self.main.point(day, curve.trend.at(day)) for day in steps]))
        if self.view.lines:
            painter.setPen(QPen(_faded(colour, 150), 1.0))
            pairs = zip(curve.series.dates, curve.series.values)
            painter.drawPolyline(QPolygonF([self.main.point(d.toordinal(), v) for d, v in pairs]))
        self._points(painter, curve, colour, 0.0, POINT)
        painter.restore()

    def _points(self, painter: QPainter, curve: Curve, colour: QColor, offset: float, radius: float) -> None:
        painter.setPen(QPen(self.look.paper, 0.8))
        painter.setBrush(colour)
        for day, value in zip(curve.series.dates, curve.series.values):
            painter.drawEllipse(self.main.point(day.toordinal(), value + offset), radius, radius)

    def _uncertainty(self, painter: QPainter, curve: Curve, colour: QColor) -> None:
        triples = zip(curve.series.dates, curve.series.values, curve.series.sigmas)
        known = [(d.toordinal(), v, s) for d, v, s in triples if math.isfinite(s)]
        if self.view.uncertainty == views.BARS:
            painter.setPen(QPen(_faded(colour, 170), 1.2))
            for day, value, sigma in known:
                low, high = self.main.point(day, value - sigma), self.main.point(day, value + sigma)
                painter.drawLine(low, high)
                for end in (low, high):
                    painter.drawLine(end - QPointF(2.5, 0), end + QPointF(2.5, 0))
        elif self.view.uncertainty == views.BAND and len(known) > 1:
            upper = [self.main.point(d, v + s) for d, v, s in known]
            lower = [self.main.point(d, v - s) for d, v, s in reversed(known)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_faded(colour, PALE))
            painter.drawPolygon(QPolygonF(upper + lower))

    def _residuals(self, painter: QPainter, panel: Panel, curve: Curve) -> None:
        if curve.trend is None:
            return
        painter.save()
        painter.setClipRect(panel.area)
        painter.setPen(QPen(QColor(curve.colour), 1.2))
        painter.setBrush(QColor(curve.colour))
        for day, rest in zip(curve.series.dates, curve.trend.residuals):
            end = panel.point(day.toordinal(), rest)
            painter.drawLine(panel.point(day.toordinal(), 0.0), end)
            painter.drawEllipse(end, 0.7 * POINT, 0.7 * POINT)
        painter.restore()

    def _axes(self, painter: QPainter, panel: Panel, title: str, has_dates: bool) -> None:  # noqa: FBT001
        area = panel.area
        ups = axes.value_ticks(panel.up.low, panel.up.high, max(round(area.height() / TICK_HEIGHT), 3))
        days = axes.date_ticks(panel.across.low, panel.across.high, max(round(area.width() / TICK_WIDTH), 2))
        for value, label in ups:
            y = panel.up.to_pixel(value)
            painter.setPen(QPen(self.look.faint(0.4 if abs(value) < 1e-12 else 0.13), 1.0))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(self.look.ink)
            painter.drawText(QRectF(0, y - self._line, area.left() - 6, 2 * self._line), bits(RIGHT, MIDDLE), label)
        for day, label in days:
            x = panel.across.to_pixel(day)
            painter.setPen(QPen(self.look.faint(0.13), 1.0))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if has_dates:
                painter.setPen(self.look.ink)
                width = QFontMetricsF(self.look.font).horizontalAdvance(label) + 2.0
                begin = min(x - width / 2, self.size[0] - width - 1.0)
                painter.drawText(QRectF(begin, area.bottom() + 4, width, self._line * 1.3), bits(CENTRE, TOP), label)
        painter.setPen(QPen(self.look.faint(0.5), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        self._title(painter, area, title)

    def _title(self, painter: QPainter, area: QRectF, title: str) -> None:
        metrics = QFontMetricsF(self.look.font)
        if metrics.horizontalAdvance(title) > area.height():  # a low panel has room for its first and last word
            words = title.split(" ")
            title = f"{words[0]} {words[-1]}"
        painter.save()
        painter.setPen(self.look.ink)
        if metrics.horizontalAdvance(title) > area.height():  # one that is lower still has it inside
            painter.drawText(area.topLeft() + QPointF(5.0, self._line), title)
            painter.restore()
            return
        painter.translate(2.0, area.center().y())
        painter.rotate(-90.0)
        painter.drawText(QRectF(-area.height(), 0, 2 * area.height(), 1.3 * self._line), bits(CENTRE, TOP), title)
        painter.restore()

    def _legend_rows(self, metrics: QFontMetricsF) -> List[List[Tuple[float, Curve]]]:
        """Which curves are named in which row, and where each begins."""
        rows: List[List[Tuple[float, Curve]]] = []
        x = math.inf
        for curve in self.curves:
            width = metrics.horizontalAdvance(curve.legend) + 2.2 * self._line
            if x + width > self.size[0]:
                rows.append([])
                x = 3.0 * self._line
            rows[-1].append((x, curve))
            x += width
        return rows

    def _legend(self, painter: QPainter) -> None:
        for number, row in enumerate(self.rows):
            y = 4.0 + number * self._line * 1.15
            for x, curve in row:
                painter.setPen(QPen(self.look.paper, 0.8))
                painter.setBrush(QColor(curve.colour))
                painter.drawEllipse(QPointF(x, y + self._line / 2), 1.3 * POINT, 1.3 * POINT)
                painter.setPen(self.look.ink)
                painter.drawText(QPointF(x + 0.7 * self._line, y + 0.8 * self._line), curve.legend)


def bits(*flags: Any) -> int:
    """Flags of Qt as the number that `drawText` wants, in Qt 5 and in Qt 6."""
    return functools.reduce(operator.or_, (int(getattr(flag, "value", flag)) for flag in flags))


def _faded(colour: QColor, opacity: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(opacity)
    return faded
