"""What a disc, a stick, a folder and a packed file look like: drawn here, in the window's colours.

The rule: a drawing is never alone, words beside it say the same; screen readers pass over it.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QWidget

from passbox_client.gui.parts import colours_of
from passbox_client.gui.style import Colours

SIDE: Final = 72
"""Logical pixels; the drawings are made on a field of 96 by 96."""
_FIELD: Final = 96.0
_AIR: Final = 8
"""Logical pixels on either side of an icon: the words stand close to it."""
_SHARP: Final = 4
"""Dots a logical pixel of an icon: enough for a screen at 400 %."""


class Thing(Enum):
    """What images come on."""

    DISC = "disc"
    STICK = "stick"
    FOLDER = "folder"


class Drawing(QWidget):
    """One thing, ``SIDE`` by ``SIDE``; takes no focus."""

    def __init__(self, thing: Thing) -> None:
        super().__init__()
        self._thing = thing
        self.setFixedSize(SIDE, SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        _draw(self._thing, QPainter(self), SIDE, colours_of(self))


def put_on(button: QAbstractButton, thing: Thing, side: int) -> None:
    """Put a thing before the words of a button."""
    pixmap = QPixmap(QSize(side + 2 * _AIR, side) * _SHARP)
    pixmap.setDevicePixelRatio(_SHARP)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.translate(_AIR, 0)
    _draw(thing, painter, side, colours_of(button))
    painter.end()
    button.setIcon(QIcon(pixmap))
    button.setIconSize(QSize(side + 2 * _AIR, side))


def _draw(thing: Thing, painter: QPainter, side: int, colours: Colours) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / _FIELD, side / _FIELD)
    round_ = Qt.PenJoinStyle.RoundJoin
    pen = QPen(QColor(colours.accent), 3.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, round_)
    painter.setPen(pen)
    _HOW[thing](painter, colours)


def _disc(painter: QPainter, colours: Colours) -> None:
    middle = QPointF(48, 48)
    painter.setBrush(QColor(colours.rail))
    painter.drawEllipse(middle, 42, 42)
    for radius, first in ((34, 100), (27, 105), (34, 280), (27, 285)):  # it shines
        around = QRectF(48 - radius, 48 - radius, 2 * radius, 2 * radius)
        painter.drawArc(around, first * 16, 40 * 16)
    painter.setBrush(QColor(colours.card))
    painter.drawEllipse(middle, 14, 14)
    painter.drawEllipse(middle, 5, 5)


def _stick(painter: QPainter, colours: Colours) -> None:
    painter.translate(48, 48)
    painter.rotate(45)
    painter.setBrush(QColor(colours.card))
    painter.drawRect(QRectF(-12, -46, 24, 22))  # the plug
    painter.setBrush(QColor(colours.accent))
    for left in (-7.0, 2.0):
        painter.drawRect(QRectF(left, -40, 5, 5))
    painter.setBrush(QColor(colours.rail))
    painter.drawRoundedRect(QRectF(-18, -24, 36, 68), 7, 7)
    painter.drawLine(QPointF(-8, 34), QPointF(8, 34))


def _folder(painter: QPainter, colours: Colours) -> None:
    painter.setBrush(QColor(colours.card))
    back = [(6, 22), (34, 22), (42, 32), (90, 32), (90, 82), (6, 82)]
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in back]))
    painter.setBrush(QColor(colours.rail))
    painter.drawRoundedRect(QRectF(6, 42, 84, 40), 4, 4)
    painter.drawLine(QPointF(48, 50), QPointF(48, 68))  # what was downloaded is in it
    for x in (40, 56):
        painter.drawLine(QPointF(48, 72), QPointF(x, 64))
    painter.drawLine(QPointF(48, 72), QPointF(48, 68))


_HOW: Final[dict[Thing, Callable[[QPainter, Colours], None]]] = {
    Thing.DISC: _disc,
    Thing.STICK: _stick,
    Thing.FOLDER: _folder,
}
