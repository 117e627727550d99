"""How the window looks: calm, large, and readable in high contrast.

Contrasts are at least 4.5 to 1 for text and 3 to 1 for borders of controls (WCAG 2.1, 1.4.3 and
1.4.11). Nothing is said by colour alone: every colour comes with a word or a sign. Letters are 16
logical pixels high or more, on every system: a point is a different size on each.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one look, as #rrggbb."""

    page: str
    card: str
    rail: str
    text: str
    quiet: str
    line: str
    edge: str
    accent: str
    accent_down: str
    on_accent: str
    good: str
    good_back: str
    warn: str
    warn_back: str
    bad: str
    bad_back: str
    focus: str
    off: str


CALM: Final = Colours(
    page="#f5f7f9",
    card="#ffffff",
    rail="#eaf0f4",
    text="#16242f",
    quiet="#47586a",
    line="#d5dee5",
    edge="#748594",
    accent="#0b5f86",
    accent_down="#084766",
    on_accent="#ffffff",
    good="#1b6b3a",
    good_back="#e6f4eb",
    warn="#7a4a00",
    warn_back="#fff4dc",
    bad="#9b1c1c",
    bad_back="#fdecec",
    focus="#d9480f",
    off="#c3ced7",
)
CONTRAST: Final = Colours(
    page="#000000",
    card="#000000",
    rail="#000000",
    text="#ffffff",
    quiet="#ffffff",
    line="#ffffff",
    edge="#ffffff",
    accent="#ffff00",
    accent_down="#ffffff",
    on_accent="#000000",
    good="#7dff7d",
    good_back="#000000",
    warn="#ffd24d",
    warn_back="#000000",
    bad="#ff9d9d",
    bad_back="#000000",
    focus="#00ffff",
    off="#555555",
)


def sheet(c: Colours) -> str:
    """Return the style sheet of the whole window."""
    return f"""
* {{ color: {c.text}; font-size: 17px; }}
QMainWindow, QWidget#page, QScrollArea, QWidget#canvas {{ background: {c.page}; border: none; }}
QWidget#header {{ background: {c.card}; border-bottom: 1px solid {c.line}; }}
QWidget#rail {{ background: {c.rail}; border: none; }}
QWidget#footer {{ background: {c.card}; border-top: 1px solid {c.line}; }}
QFrame#cardframe {{ background: {c.card}; border: 1px solid {c.line}; border-radius: 10px; }}
QFrame#good {{ background: {c.good_back}; border: 2px solid {c.good}; border-radius: 10px; }}
QFrame#warn {{ background: {c.warn_back}; border: 2px solid {c.warn}; border-radius: 10px; }}
QFrame#bad {{ background: {c.bad_back}; border: 2px solid {c.bad}; border-radius: 10px; }}
QFrame#good QLabel[role="head"] {{ color: {c.good}; }}
QFrame#warn QLabel[role="head"] {{ color: {c.warn}; }}
QFrame#bad QLabel[role="head"] {{ color: {c.bad}; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: 28px; font-weight: 600; }}
QLabel[role="hospital"] {{ font-size: 21px; font-weight: 600; }}
QLabel[role="head"] {{ font-size: 19px; font-weight: 600; }}
QLabel[role="large"] {{ font-size: 22px; font-weight: 600; }}
QLabel[role="quiet"] {{ color: {c.quiet}; font-size: 16px; }}
QLabel[role="details"] {{ font-family: "DejaVu Sans Mono", "Consolas", "Menlo", monospace;
  font-size: 16px; }}
QLabel[role="fault"] {{ color: {c.bad}; font-weight: 600; }}
QLabel[role="code"] {{ font-family: "DejaVu Sans Mono", "Consolas", "Menlo", monospace;
  font-size: 23px; font-weight: 600; }}
QLabel[role="number"] {{ background: {c.accent}; color: {c.on_accent}; border-radius: 13px;
  font-weight: 600; min-width: 26px; max-width: 26px; min-height: 26px; max-height: 26px; }}
QLabel[role="bubble"] {{ border: 2px solid {c.edge}; border-radius: 15px; color: {c.quiet};
  font-weight: 600; min-width: 26px; max-width: 26px; min-height: 26px; max-height: 26px; }}
QLabel[role="bubble"][standing="now"] {{ background: {c.accent}; border-color: {c.accent};
  color: {c.on_accent}; }}
QLabel[role="bubble"][standing="done"] {{ border-color: {c.good}; color: {c.good}; }}
QLabel[role="step"] {{ color: {c.quiet}; }}
QLabel[role="step"][standing="now"] {{ color: {c.text}; font-weight: 600; }}
QPushButton {{ background: {c.card}; border: 2px solid {c.edge}; border-radius: 8px;
  padding: 9px 18px; min-height: 22px; }}
QPushButton:hover {{ border-color: {c.accent}; }}
QPushButton:pressed {{ background: {c.rail}; }}
QPushButton:disabled {{ color: {c.quiet}; border-color: {c.off}; }}
QPushButton[role="primary"] {{ background: {c.accent}; border-color: {c.accent};
  color: {c.on_accent}; font-size: 19px; font-weight: 600; padding: 11px 24px; }}
QPushButton[role="primary"]:hover, QPushButton[role="primary"]:pressed {{
  background: {c.accent_down}; border-color: {c.accent_down}; }}
QPushButton[role="primary"]:disabled {{ background: {c.off}; border-color: {c.off};
  color: {c.text}; }}
QPushButton[role="link"] {{ background: transparent; border: 2px solid transparent;
  color: {c.accent}; text-decoration: underline; padding: 6px 8px; text-align: left; }}
QPushButton[role="link"]:disabled {{ color: {c.quiet}; text-decoration: none; }}
QPushButton[role="medium"] {{ text-align: left; padding: 16px 20px; font-size: 19px;
  font-weight: 600; }}
QPushButton[role="language"] {{ padding: 5px 12px; min-height: 18px; min-width: 74px; }}
QPushButton[role="language"][narrow="true"] {{ min-width: 32px; padding: 3px 6px; }}
QPushButton[role="language"]:checked {{ background: {c.accent}; color: {c.on_accent};
  border-color: {c.accent}; font-weight: 600; }}
QPushButton:focus {{ border: 3px solid {c.focus}; }}
QPushButton[role="primary"]:focus, QPushButton[role="link"]:focus,
QPushButton[role="language"]:focus {{ border: 3px solid {c.focus}; }}
QLineEdit, QComboBox, QPlainTextEdit {{ background: {c.card}; border: 2px solid {c.edge};
  border-radius: 6px; padding: 7px 9px; selection-background-color: {c.accent};
  selection-color: {c.on_accent}; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus {{ border: 3px solid {c.focus}; }}
QLineEdit[wrong="true"] {{ border: 3px solid {c.bad}; }}
QComboBox::drop-down {{ border: none; width: 34px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{ background: {c.card}; color: {c.text};
  selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
QProgressBar {{ background: {c.rail}; border: 1px solid {c.edge}; border-radius: 9px;
  min-height: 26px; text-align: center; font-weight: 600; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 8px; }}
QLabel[role="picture"] {{ background: #000000; border: 1px solid {c.edge}; border-radius: 4px;
  color: #ffffff; font-size: 14px; }}
QMenu {{ background: {c.card}; border: 2px solid {c.edge}; padding: 6px; }}
QMenu::item {{ padding: 10px 20px; }}
QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
QMenu::item:disabled {{ color: {c.off}; }}
QToolTip {{ background: {c.card}; color: {c.text}; border: 1px solid {c.edge}; }}
QScrollBar:vertical {{ background: {c.page}; width: 14px; }}
QScrollBar::handle:vertical {{ background: {c.edge}; border-radius: 6px; min-height: 40px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QFrame[dropping="true"] {{ border: 3px dashed {c.accent}; }}
"""
