"""The study page as a value, and its rendering: what is shown, what the card says.

Pure but for ``draw``, which is asked for the window of the first picture. Autoescape is on for
every template and undefined names are errors.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

import jinja2

from passbox_viewer.asked import Asking, Comparison
from passbox_viewer.attachments import Attachment
from passbox_viewer.documents import document_of
from passbox_viewer.errors import AWAY, CHANGED, NoPicture
from passbox_viewer.identity import SEVERAL_PATIENTS, LocalIdentity, mismatches
from passbox_viewer.inbox import Entry
from passbox_viewer.instances import Forwarding, Instance
from passbox_viewer.moments import shown_date, shown_moment
from passbox_viewer.patients import questions
from passbox_viewer.presets import presets_of
from passbox_viewer.previews import Drawing, Drawn, Window
from passbox_viewer.refusal import MAX_NOTE, RefusalReason
from passbox_viewer.retention import Term
from passbox_viewer.settings import Hospital
from passbox_viewer.study import (
    Overview,
    Picture,
    Progress,
    Series,
    overview,
    progress,
    shown_name,
)
from passbox_viewer.texts import Texts
from passbox_viewer.transfer import Transfer
from passbox_viewer.worklist import Order
from passbox_wire.inner.viewer import Delivery
from passbox_wire.states import DeliveryState, ForwardState

NO_IMAGE: Final = "no image"
NOT_DRAWN: Final = "not drawn"
"""Why the first picture is none, besides what the archive says."""
_NO_DELIVERY: Final = Delivery(DeliveryState.ARRIVING, False, "", 0, 0, ())  # noqa: FBT003  # as on the wire


@dataclass(frozen=True, slots=True)
class Sizes:
    """Longest sides of pictures, in pixels."""

    small: int = 144
    large: int = 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; positions from 0.

    None: the series most worth looking at, the middle of the series, the image's own window.
    """

    series: int | None = None
    image: int | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What stopped the last press of the button, before anything was sent."""

    word: str


@dataclass(frozen=True, slots=True)
class Card:
    """The forward card."""

    state: ForwardState
    tone: str
    running: bool
    may_forward: bool
    may_refuse: bool
    may_decide: bool
    offered: tuple[str, ...]
    pacs: str
    problem: str
    time: int | None
    asking: Asking | None
    has_worklist: bool
    orders: tuple[Order, ...] | None


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page is made of."""

    texts: Texts
    hospital: Hospital
    base: str
    csrf: str
    transfer: Transfer
    instances: tuple[Instance, ...]
    attachments: tuple[Attachment, ...]
    pacs_names: tuple[str, ...]
    has_worklist: bool
    open_until: int | None
    asked: Asked
    draw: Callable[[Instance, Drawing], Drawn]
    term: Term | None = None
    """For how long the images stay here."""
    ohif: Callable[[str, str], str] | None = None
    """Where OHIF shows a series, by study and series UID; None where there is no OHIF."""

    @property
    def sending(self) -> Overview:
        """What goes to a PACS when the button is pressed."""
        return overview(self.transfer.patients.sendable(self.instances))

    @property
    def progress(self) -> Progress:
        """How far the images are that are not left out."""
        patients = self.transfer.patients
        return progress([row for row in self.instances if not patients.leaves_out(row)])


_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("passbox_viewer"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


def render_message(texts: Texts, hospital: Hospital, title: str, body: str) -> str:
    """Return a page with one message."""
    language_url = "?" + urlencode({"lang": texts.other})
    return _TEMPLATES.get_template("message.html").render(
        t=texts, hospital=hospital, title=title, body=body, language_url=language_url
    )


def render_inbox(  # one parameter a thing that is shown
    texts: Texts,
    hospital: Hospital,
    base: str,
    csrf: str,
    department: str,
    days: int,
    entries: tuple[Entry, ...],
) -> str:
    """Return a department's inbox as HTML."""
    return _TEMPLATES.get_template("inbox.html").render(
        t=texts,
        hospital=hospital,
        base=base,
        csrf=csrf,
        department=department,
        days=days,
        entries=entries,
        language_url=f"{base}?{urlencode({'lang': texts.other})}",
        moment=lambda seconds: shown_moment(seconds, texts.lang),
    )


def compare(page: Page, identity: LocalIdentity | str | None) -> Comparison | str | None:
    """Return the two side by side, None without a house's patient, or a word for what is wrong."""
    if not isinstance(identity, LocalIdentity):
        return identity
    patients = page.sending.patients
    differing = tuple(dict.fromkeys(m for one in patients for m in mismatches(identity, one)))
    if not patients or (len(patients) > 1 and differing):
        return SEVERAL_PATIENTS  # one patient of the house cannot stand for several
    explained = identity if differing else replace(identity, reason="")
    return Comparison(patients, explained, differing)


def render_study(
    page: Page,
    problem: Problem | None,
    asking: Asking | None = None,
    orders: tuple[Order, ...] | None = None,
) -> str:
    """Return the study page as HTML; ``orders`` are what the worklist has found."""
    view = overview(page.instances)
    series = _chosen_series(view, page.asked.series)
    at = _chosen_picture(series, page.asked.image)
    picture = series.pictures[at] if series else None
    delivery = page.transfer.delivery or _NO_DELIVERY
    own, unseen = _own_window(page, picture)
    card = _card(page, problem, asking, orders)
    language = page.texts.lang
    kept = {attachment.position for attachment in page.attachments}

    def here(
        series: int | None = page.asked.series,
        image: int | None = None,
        window: Window | None = None,
    ) -> str:
        return _address(page.base, language, series, image, window)

    def picture_url(picture: Picture, size: int, window: Window | None = None) -> str:
        query: dict[str, float] = {"size": size}
        query |= {"frame": picture.frame} if picture.frame else {}
        query |= {"center": window.center, "width": window.width} if window else {}
        return f"{page.base}/images/{picture.instance}.png?{urlencode(query)}"

    return _TEMPLATES.get_template("study.html").render(
        t=page.texts,
        hospital=page.hospital,
        base=page.base,
        csrf=page.csrf,
        facts=page.transfer.facts,
        delivery=delivery,
        overview=view,
        progress=page.progress,
        sending=page.sending,
        questions=questions(page.instances, page.transfer.patients, page.transfer.identity),
        left_out=sum(map(page.transfer.patients.leaves_out, page.instances)),
        card=card,
        proofs=_proofs(page),
        untaken=_untaken(page),
        refusal=page.transfer.refusal,
        refusal_reasons=tuple(RefusalReason),
        note_length=MAX_NOTE,
        identity=page.transfer.identity,
        new_uids=bool(page.transfer.renaming.salt),
        open_until=page.open_until,
        term=page.term,
        asked_by=page.transfer.forward_author,
        picture_series=series,
        current_patient=_patient_of(view.patients, series),
        picture=picture,
        ohif=_ohif(page, picture),
        picture_at=at,
        picture_list=" ".join(_spoken(p) for p in series.pictures) if series else "",
        window=page.asked.window,
        own_window=own,
        unseen=unseen,
        calm=(NO_IMAGE, NOT_DRAWN),
        presets=presets_of(series, own),
        sizes=Sizes(),
        documents=tuple(filter(None, map(document_of, page.instances))),
        attachments=page.attachments,
        attachment_names={f.index: f.path for f in delivery.findings if f.index is not None},
        findings=tuple(f for f in delivery.findings if f.index not in kept),
        here=here,
        picture_url=picture_url,
        language_url=_address(
            page.base, page.texts.other, page.asked.series, page.asked.image, page.asked.window
        ),
        date=lambda value: shown_date(value, language),
        moment=lambda seconds: shown_moment(seconds, language),
        shown_name=shown_name,
        number=lambda value: f"{value:.6g}",
    )


def _card(
    page: Page,
    problem: Problem | None,
    asking: Asking | None,
    orders: tuple[Order, ...] | None,
) -> Card:
    transfer = page.transfer
    state = transfer.forward_state
    open_ = state in {ForwardState.VISIBLE, ForwardState.FAILED}
    running = state is ForwardState.FORWARDING
    stopped = transfer.identity and transfer.patients.strangers(page.instances)
    without = state is ForwardState.IN_PACS and (
        page.progress.cannot > 0
        or len(page.sending.patients) < len(overview(page.instances).patients)
    )
    tones = {
        ForwardState.IN_PACS: "good",
        ForwardState.FAILED: "bad",
        ForwardState.FORWARDING: "busy",
        ForwardState.REFUSED: "bad",
    }
    return Card(
        state=state,
        tone="ask" if asking or without else tones.get(state, "plain"),
        running=running,
        may_forward=bool(page.pacs_names) and open_ and not stopped,
        may_refuse=open_,
        may_decide=open_ and asking is None,
        offered=page.pacs_names,
        pacs=transfer.forward_pacs,
        problem=problem.word if problem else transfer.forward_problem,
        time=transfer.forward_time,
        asking=asking,
        has_worklist=page.has_worklist,
        orders=orders,
    )


def _untaken(page: Page) -> tuple[Instance, ...]:
    """Return what should be in the PACS and is not, once a forward has failed."""
    if page.transfer.forward_state is not ForwardState.FAILED:
        return ()
    rows = page.transfer.patients.sendable(page.instances)
    return tuple(row for row in rows if row.forwarding is not Forwarding.IN_PACS)


def _proofs(page: Page) -> str:
    proofs = dict.fromkeys(row.proof for row in page.instances if row.proof)
    return ", ".join(page.texts(f"proof_{proof}") for proof in proofs)


def _chosen_series(view: Overview, asked: int | None) -> Series | None:
    if asked is not None and 0 <= asked < len(view.series):
        return view.series[asked]
    return view.most_worth_looking_at


def _chosen_picture(series: Series | None, asked: int | None) -> int:
    if series is None:
        return 0
    if asked is None:
        return len(series.pictures) // 2
    return min(max(asked, 0), len(series.pictures) - 1)


def _patient_of(patients: tuple[object, ...], series: Series | None) -> object:
    return next(
        (p for p in patients if any(series in study.series for study in p.studies)),  # type: ignore[attr-defined]
        None,
    )


def _own_window(page: Page, picture: Picture | None) -> tuple[Window | None, str]:
    """Return the first picture's own window, and why it cannot be seen.

    Drawing it now also fills the cache.
    """
    if picture is None:
        return None, ""
    instance = next(row for row in page.instances if row.number == picture.instance)
    try:
        return page.draw(instance, Drawing(picture.frame, None, Sizes().large)).window, ""
    except NoPicture as error:
        if error.reason in {AWAY, CHANGED}:
            return None, error.reason
        return None, NOT_DRAWN if instance.facts and instance.facts.rows else NO_IMAGE


def _ohif(page: Page, picture: Picture | None) -> str | None:
    """Return the address at which OHIF shows the series of this picture."""
    if picture is None or page.ohif is None:
        return None
    facts = next(row.facts for row in page.instances if row.number == picture.instance)
    return page.ohif(facts.study_instance_uid, facts.series_instance_uid) if facts else None


def _address(
    base: str, language: str, series: int | None, image: int | None, window: Window | None
) -> str:
    query: dict[str, object] = {"lang": language}
    if series is not None:
        query["series"] = series
    if image is not None:
        query["image"] = image
    if window is not None:
        query |= {"center": window.center, "width": window.width}
    return f"{base}?{urlencode(query)}"


def _spoken(picture: Picture) -> str:
    return f"{picture.instance}.{picture.frame}" if picture.frame else str(picture.instance)
