"""Every word a person reads on the pages, German and English side by side.

Plain tables: a missing word is a KeyError in the tests, not an English word on a German page.
Stable words of the contract (results, problems, reasons) are looked up here too; an unknown reason
is shown as it is, escaped like everything else.
"""
# ruff: noqa: E501  # a sentence stays on one line; German typography is meant

from collections.abc import Mapping
from typing import Final

from passbox_viewer.admin_texts import ADMIN_WORDS
from passbox_viewer.forward_texts import FORWARD_WORDS
from passbox_viewer.reasons import REASONS
from passbox_viewer.transfer import LINK_HOLDER

LANGUAGES: Final = ("de", "en")

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **FORWARD_WORDS,
    **ADMIN_WORDS,
    "banner": (
        "Fremdaufnahmen, ungeprüft – nicht zur Primärbefundung",
        "External images, unverified – not for primary diagnosis",
    ),
    "study_page": ("Übermittelte Bilder", "Images sent to us"),
    "language": ("English", "Deutsch"),
    "language_hint": ("Switch to English", "Auf Deutsch anzeigen"),
    "patient": ("Patient", "Patient"),
    "patients_many": (
        "{count} verschiedene Patienten in dieser Übermittlung. Bitte genau prüfen.",
        "{count} different patients in this transfer. Please check carefully.",
    ),
    "no_name": ("ohne Namen", "no name"),
    "name_guess": ("Schreibweise geraten", "spelling is a guess"),
    "born": ("geb.", "born"),
    "patient_id": ("ID beim Absender", "sender's ID"),
    "no_birth_date": ("Geburtsdatum fehlt", "birth date missing"),
    "no_patient_id": ("Patienten-ID fehlt", "patient ID missing"),
    "sex_M": ("männlich", "male"),
    "sex_F": ("weiblich", "female"),
    "sex_O": ("divers", "other"),
    "series": ("Serien", "Series"),
    "series_one": ("Serie {number}", "Series {number}"),
    "series_plain": ("Serie", "Series"),
    "study": ("Untersuchung", "Study"),
    "pictures": ("{count} Bilder", "{count} images"),
    "picture_one": ("1 Bild", "1 image"),
    "objects": ("{count} Objekte, keine Bilder", "{count} objects, no images"),
    "object_one": ("1 Objekt, kein Bild", "1 object, no image"),
    "no_images": ("Keine darstellbaren Bilder.", "No images to show."),
    "viewer": ("Bild", "Image"),
    "position": ("Bild {at} von {of}", "Image {at} of {of}"),
    "previous": ("Vorheriges Bild", "Previous image"),
    "next": ("Nächstes Bild", "Next image"),
    "window": ("Fenster", "Window"),
    "window_own": ("Original", "Original"),
    "window_soft": ("Weichteil", "Soft tissue"),
    "window_lung": ("Lunge", "Lung"),
    "window_bone": ("Knochen", "Bone"),
    "window_brain": ("Gehirn", "Brain"),
    "window_brighter": ("Heller", "Brighter"),
    "window_darker": ("Dunkler", "Darker"),
    "window_harder": ("Mehr Kontrast", "More contrast"),
    "window_softer": ("Weniger Kontrast", "Less contrast"),
    "window_level": ("C {center} / W {width}", "C {center} / W {width}"),
    "ohif": ("In OHIF öffnen", "Open in OHIF"),
    "ohif_hint": (
        "Messen, vergleichen, Serien nebeneinander; öffnet sich in einem neuen Fenster",
        "Measure, compare, series side by side; opens in a new window",
    ),
    "no_ohif": (
        "Zum Messen fehlt OHIF auf diesem Rechner; dies sind Vorschaubilder.",
        "For measuring, OHIF is not installed here; these are previews.",
    ),
    "hint": (
        "Blättern: Mausrad, Pfeiltasten oder Schieber. Fenster: mit gedrückter Maustaste ziehen.",
        "Scroll: wheel, arrow keys or slider. Window: drag with the mouse button down.",
    ),
    "cannot_draw": ("Dieses Bild kann nicht dargestellt werden.", "This image cannot be shown."),
    "unseen_no image": (
        "Kein Bild, sondern etwa ein Bericht, PDF, EKG oder Plan. Es ist im ZIP und geht mit ins PACS.",
        "Not an image but a report, PDF, ECG or plan. It is in the ZIP and goes to the PACS too.",
    ),
    "unseen_in_ohif": (
        "PDFs und EKGs zeigt OHIF, RT-Strukturen und Parameterkarten hier nicht.",
        "OHIF shows PDFs and ECGs, but no RT structures or parametric maps here.",
    ),
    "unseen_not drawn": (
        "Dieses Bild (etwa ein Video) lässt sich hier nicht zeichnen. Die Datei ist da: im ZIP und fürs PACS.",
        "This image (a video perhaps) cannot be drawn here. The file is there: in the ZIP and for the PACS.",
    ),
    "unseen_changed in the archive": (
        "Dieses Bild wird nicht gezeigt: Im Archiv der Klinik liegt nicht mehr das, was ankam. Bitte die IT informieren.",
        "This image is not shown: the hospital's archive no longer has what arrived. Please tell IT.",
    ),
    "unseen_the archive does not answer": (
        "Das Archiv der Klinik antwortet gerade nicht. Bitte später noch einmal öffnen.",
        "The hospital's archive does not answer just now. Please open this page again later.",
    ),
    "sender": ("Absender", "Sender"),
    "sender_hint": (
        "Angaben des Absenders, nicht geprüft",
        "As stated by the sender, not verified",
    ),
    "call_back": (
        "Zur Rückfrage eine Ihnen bekannte Nummer wählen, nicht diese.",
        "To call back, use a number you know, not this one.",
    ),
    "recipient": ("Für", "For"),
    "received": ("Eingegangen", "Received"),
    "message": ("Nachricht", "Message"),
    "phone_code": ("Prüfcode für das Telefon", "Code for the phone"),
    "phone_code_hint": (
        "Am Telefon vergleichen: Der Absender sieht denselben Code.",
        "Compare on the phone: the sender sees the same code.",
    ),
    "completeness": ("Vollständigkeit", "Completeness"),
    "delivery_arriving": (
        "Die Übermittlung läuft noch; freigegeben wurde, was schon da ist.",
        "Still arriving; what has come so far was released.",
    ),
    "delivery_complete": (
        "Alles ist angekommen, was der Absender geschickt hat.",
        "Everything the sender sent has arrived.",
    ),
    "delivery_partial": (
        "Nur ein Teil ist angekommen. Was fehlt, steht unten.",
        "Only a part has arrived. What is missing is listed below.",
    ),
    "delivery_refused": ("Die Übermittlung wurde abgelehnt.", "The transfer was refused."),
    "delivery_abandoned": (
        "Die Übermittlung brach ab und wurde nicht beendet.",
        "The transfer broke off and was never finished.",
    ),
    "delivery_withdrawn": (
        "Der Absender hat die Übermittlung zurückgezogen.",
        "The sender has withdrawn the transfer.",
    ),
    "arrived": ("{count} Bilder angekommen", "{count} images arrived"),
    "missing": ("{count} Dateien fehlen", "{count} files are missing"),
    "unreadable": ("{count} Bilder nicht lesbar", "{count} images not readable"),
    "beside": (
        "{count} Bilder tragen die Nummer eines anderen Bildes, haben aber anderen Inhalt",
        "{count} images have the number of another image but other content",
    ),
    "findings": ("Auffälligkeiten", "Findings"),
    "findings_more": ("und {count} weitere", "and {count} more"),
    "result_delivered": ("angekommen", "delivered"),
    "result_kept": ("aufbewahrt, nicht PACS-fähig", "kept, not storable in a PACS"),
    "result_refused": ("zurückgewiesen", "refused"),
    "result_missing": ("fehlt", "missing"),
    "result_not sent": ("nicht gesendet", "not sent"),
    "documents": ("Dokumente", "Documents"),
    "document": ("Dokument {number}", "Document {number}"),
    "document_PDF": ("PDF, als Download", "PDF, as a download"),
    "document_CDA": ("Arztbrief (CDA), als Download", "Clinical document (CDA), as a download"),
    "document_STL": ("3D-Modell (STL), als Download", "3D model (STL), as a download"),
    "document_OBJ": ("3D-Modell (OBJ), als Download", "3D model (OBJ), as a download"),
    "document_MTL": (
        "Material eines 3D-Modells (MTL), als Download",
        "Material of a 3D model (MTL), as a download",
    ),
    "document_OTHER": ("Datei, als Download", "File, as a download"),
    "no_document_title": ("Kein Download", "No download"),
    "no_document": (
        "In dieser Datei ist kein Dokument, das sich herausholen lässt. Die ganze Datei ist im ZIP.",
        "There is no document in this file that can be taken out. The whole file is in the ZIP.",
    ),
    "no_document_now": (
        "Dieses Dokument ist gerade nicht zu haben: Das Archiv der Klinik antwortet nicht oder hat nicht mehr, was ankam.",
        "This document cannot be had now: the hospital's archive does not answer or no longer has what arrived.",
    ),
    "attachments": ("Anhänge", "Attachments"),
    "attachment": ("Anhang {position}", "Attachment {position}"),
    "attachment_hint": (
        "Fremde Dateien: nur öffnen, wenn Sie den Absender kennen.",
        "Foreign files: open only if you know the sender.",
    ),
    "kind_pdf": ("PDF", "PDF"),
    "kind_jpeg": ("JPEG-Bild", "JPEG picture"),
    "kind_png": ("PNG-Bild", "PNG picture"),
    "kind_other": ("Datei", "File"),
    "pacs": ("PACS", "PACS"),
    "state_visible": ("Noch nicht im PACS", "Not in the PACS yet"),
    "state_forwarding": ("Wird ins PACS übertragen", "On the way to the PACS"),
    "state_in PACS": ("Im PACS", "In the PACS"),
    "state_failed": ("Nicht vollständig im PACS", "Not completely in the PACS"),
    "state_refused": ("Abgelehnt", "Refused"),
    "state_staged": ("Wird noch empfangen", "Still arriving"),
    "footer": ("{hospital} · Transfer {transfer}", "{hospital} · Transfer {transfer}"),
    "open_until": ("Dieser Link gilt bis {date}", "This link works until {date}"),
    "stays_until": (
        "Die Bilder bleiben hier bis {date}",
        "The images stay here until {date}",
    ),
    "stays_held": (
        "Die Bilder bleiben hier bis auf Weiteres",
        "The images stay here until further notice",
    ),
    "hospital_phone": ("Fragen zu dieser Seite: {phone}", "Questions about this page: {phone}"),
    "home_title": ("Passbox", "Passbox"),
    "home": (
        "Hier sehen Mitarbeitende Bilder, die von außen übermittelt wurden. Der Zugang ist der Link in der Benachrichtigung.",
        "Here staff see images that were sent from outside. The way in is the link in the notification mail.",
    ),
    "not_found_title": ("Diese Seite gibt es nicht", "There is no such page"),
    "not_found": (
        "Der Link ist unvollständig, abgelaufen oder wurde widerrufen. Bitte den Link aus der Mail ganz kopieren.",
        "The link is incomplete, has expired or was revoked. Please copy the whole link from the mail.",
    ),
    "stale_title": ("Bitte die Seite neu laden", "Please reload the page"),
    "stale": (
        "Der Knopf war nicht mehr gültig; es ist nichts geschehen. Öffnen Sie den Link erneut.",
        "The button was no longer valid; nothing has happened. Please open the link again.",
    ),
    "download": ("Alles als ZIP mit DICOMDIR", "Everything as a ZIP with DICOMDIR"),
    "download_hint": (
        "Enthält Patientendaten: nur auf Geräte des Hauses, danach löschen.",
        "Contains patient data: only to devices of the house, and delete it afterwards.",
    ),
    "download_breaks": (
        "Bricht der Download ab, ist die Datei unbrauchbar: bitte noch einmal laden.",
        "If the download breaks off the file is of no use: please load it again.",
    ),
    "no_download_title": ("Gerade kein ZIP", "No ZIP just now"),
    "no_download": (
        "Nicht alle Bilder sind jetzt zu haben; das Archiv der Klinik antwortet nicht. Es wurde nichts heruntergeladen. Bitte später noch einmal versuchen, sonst die IT informieren.",
        "Not all images can be had now; the hospital's archive does not answer. Nothing was downloaded. Please try again later, or else tell IT.",
    ),
    "stands_still": ("Steht still", "Stands still"),
    "stands_still_title": (
        "Diese Übermittlung steht still",
        "This transfer stands still",
    ),
    "standstill_hint": (
        "Seit längerem kommt nichts mehr an. Geht die Übermittlung weiter, wird sie von selbst fertig, und die Nachricht darüber kommt wie immer.",
        "Nothing has come for some time. When the transfer goes on it completes by itself, and the message about it comes as always.",
    ),
    "standstill_unseen": (
        "Bilder und Patient werden erst nach der Freigabe gezeigt.",
        "Images and patient are shown only after the release.",
    ),
    "standstill_so_far": ("Bisher da", "Here so far"),
    "standstill_release": ("Freigeben, was da ist", "Release what is here"),
    "standstill_release_hint": (
        "Gezeigt wird dann, was angekommen und geprüft ist; was fehlt, bleibt als fehlend genannt. Der Absender hat noch nicht bestätigt, dass das alles ist. Kommt der Rest später, wird die Übermittlung vollständig.",
        "Then what has come and was checked is shown; what is missing stays named as missing. The sender has not confirmed yet that this is all. If the rest comes later, the transfer becomes complete.",
    ),
    "standstill_again": ("Nachsehen", "Look again"),
    "standstill_name": ("Ihr Name", "Your name"),
    "standstill_as": ("Sie geben frei als {user}.", "You release as {user}."),
    "standstill_reason": (
        "Grund (steht im Protokoll, bitte ohne Patientendaten)",
        "Reason (kept in the audit, please no patient data)",
    ),
    "standstill_sure": (
        "Ja, die unvollständige Übermittlung soll gezeigt werden",
        "Yes, the incomplete transfer is to be shown",
    ),
    "standstill_incomplete": (
        "Es ist nichts geschehen: Name, Grund und das Häkchen sind nötig.",
        "Nothing has happened: name, reason and the tick are needed.",
    ),
    "standstill_released": (
        "Freigegeben von {author}, {moment}. Meist erscheint es hier in wenigen Sekunden.",
        "Released by {author}, {moment}. It usually appears here within seconds.",
    ),
    "inbox": ("Eingang", "Inbox"),
    "inbox_nobody": ("ohne Abteilung", "no department"),
    "inbox_hint": (
        "Was in den letzten {days} Tagen von außen kam. Die Absender sind nicht überprüft. Jedes Öffnen wird festgehalten.",
        "What came from outside in the last {days} days. The senders are not verified. Every opening is recorded.",
    ),
    "inbox_open": ("Öffnen", "Open"),
    "inbox_empty": ("Nichts eingegangen.", "Nothing came."),
    "images": ("Bilder", "Images"),
    "phone_code_short": ("Prüfcode", "Code"),
    "state": ("Stand", "State"),
    "nobody_title": ("Bitte zuerst anmelden", "Please log in first"),
    "nobody": (
        "Diese Bilder öffnen sich nur mit der Anmeldung des Hauses. Bitte die Seite über die gewohnte Adresse aufrufen.",
        "These images open only with the house's login. Please use the usual address of this page.",
    ),
    "error_title": ("Das hat nicht geklappt", "That did not work"),
    "error": (
        "Ein Fehler auf unserer Seite; es ging nichts verloren. Bitte später noch einmal versuchen.",
        "A fault on our side; nothing was lost. Please try again later.",
    ),
    "link_holder": ("über diesen Link", "by this link"),
    "back": ("Zurück zu den Bildern", "Back to the images"),
}


class Texts:
    """The words of one language; ``lang`` is its code."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._column = LANGUAGES.index(lang)

    def __call__(self, key: str, **values: object) -> str:
        """Return the words for ``key``; the values are put in as they are and escaped by the page."""
        return _WORDS[key][self._column].format(**values)

    def reason(self, untrusted_word: str) -> str:
        """Return the words for a finding's reason; one we do not know stays as it is."""
        words = REASONS.get(untrusted_word)
        return words[self._column] if words else untrusted_word

    def author(self, name: str) -> str:
        """Return who acted: the user of the house's login, else our words for nobody known."""
        return self("link_holder") if name == LINK_HOLDER else name

    @property
    def other(self) -> str:
        """The code of the other language."""
        return LANGUAGES[1 - self._column]


def chosen_language(asked: str | None, accepted: str, default: str = "de") -> str:
    """Return the language of a page: what was asked for, else the first accepted one we have."""
    if asked in LANGUAGES:
        return str(asked)
    for untrusted_part in accepted[:200].split(","):
        code = untrusted_part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return default
