"""The page's style sheet and the hospital's colour, which must be readable in white on it."""

import re
from typing import Final

from passbox.errors import SiteWrong

LEAST_CONTRAST: Final = 4.5
"""WCAG 2.1, success criterion 1.4.3, for text."""
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}\Z", re.ASCII)

STYLE: Final = """\
:root { --brand: COLOUR; --ink: #1b1f23; --quiet: #51585f; --line: #d0d5da; --paper: #ffffff }
* { box-sizing: border-box }
html { font: 112.5%/1.55 system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif }
body { margin: 0; color: var(--ink); background: #f3f5f7 }
a { color: var(--brand) }
a:focus-visible, summary:focus-visible { outline: 3px solid #1b1f23; outline-offset: 3px }
.skip { position: absolute; left: -999em } .skip:focus { left: 1rem; top: 1rem; background: #fff;
  padding: .5rem 1rem; z-index: 1 }
header { background: var(--paper); border-bottom: 4px solid var(--brand) }
header div, main, footer { max-width: 54rem; margin: 0 auto; padding: 1rem 1.25rem }
header div { display: flex; gap: 1rem; align-items: center; flex-wrap: wrap }
header img { max-height: 4rem; max-width: 14rem } header strong { font-size: 1.2rem; flex: 1 }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 1.2rem 0 .4rem }
h2 { font-size: 1.3rem; margin: 0 0 .6rem }
section { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1.25rem; margin: 1.25rem 0 }
.lead { font-size: 1.15rem } .phone { font-size: 1.15rem }
ol.steps { padding-left: 1.4rem; margin: 0 } ol.steps li { margin: .35rem 0 }
.systems { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)) }
.system { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem }
.system.yours { border: 3px solid var(--brand); order: -1 }
.system h3 { margin: 0 0 .6rem; font-size: 1.1rem }
.button { display: block; background: var(--brand); color: #fff; font-weight: 600;
  text-align: center; text-decoration: none; padding: .8rem 1rem; border-radius: .4rem }
.button:hover { filter: brightness(.88) }
.button.plain { background: #fff; color: var(--brand); border: 2px solid var(--brand);
  display: inline-block }
.system p { margin: .6rem 0 0 }
dl { margin: .7rem 0 0; font-size: .85rem } dt { color: var(--quiet) }
dd { margin: 0 0 .35rem; overflow-wrap: anywhere }
code, .mono { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace;
  overflow-wrap: anywhere } dd.mono { font-size: .75rem }
.fingerprint { font-size: 1.1rem; font-weight: 600; letter-spacing: .04em;
  border-left: 6px solid var(--brand); padding: .4rem .8rem; background: #f3f5f7 }
details { border-top: 1px solid var(--line); padding: .6rem 0 }
summary { cursor: pointer; font-weight: 600 }
.system details { margin-top: .8rem; padding: .5rem 0 0; font-size: .95rem }
a[href^="tel:"] { white-space: nowrap }
.privacy { white-space: pre-line } footer { color: var(--quiet); font-size: .9rem }
@media print { body { background: #fff } .button { border: 1px solid #000; color: #000 } }
"""

SCRIPT: Final = """\
// Puts the visitor's system first; the page is complete without it.
const agent = navigator.userAgent;
const system = /Windows/.test(agent) ? "windows" : /Mac OS X/.test(agent) ? "macos"
  : /Linux/.test(agent) && !/Android/.test(agent) ? "linux" : null;
const card = system && document.getElementById(system);
if (card) {
  card.classList.add("yours");
  card.parentNode.prepend(card);
}
"""


def style_sheet(colour: str) -> str:
    """Return the style sheet with the hospital's colour (``#rrggbb``).

    Raises SiteWrong for what is no colour, or one on which white text cannot be read.
    """
    if not _COLOUR.match(colour):
        raise SiteWrong(f"{colour!r} is no colour; write it as #0b5394.")
    if (contrast := contrast_with_white(colour)) < LEAST_CONTRAST:
        raise SiteWrong(
            f"White text on {colour} has a contrast of {contrast:.1f}; readable is "
            f"{LEAST_CONTRAST}. Take a darker one."
        )
    return STYLE.replace("COLOUR", colour)


def contrast_with_white(colour: str) -> float:
    """Return the contrast, 1 to 21, after WCAG 2.1 (relative luminance)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the definition's own numbers
        for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
