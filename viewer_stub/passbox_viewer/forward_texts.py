"""The words of the way to the PACS, German and English side by side; see texts.py."""
# ruff: noqa: E501  # a sentence stays on one line; German typography is meant

from collections.abc import Mapping
from typing import Final

FORWARD_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "proof_there": ("lagen schon dort", "were there already"),
    "forward_new_uids": (
        "Unter neuen Nummern (UIDs), weil die eigenen im PACS vergeben waren. Die früheren stehen in jedem Bild.",
        "Under new numbers (UIDs), because their own were taken in the PACS. The former ones are noted in every image.",
    ),
    "problem_there meanwhile": (
        "Inzwischen liegen im PACS Bilder unter diesen Nummern. Es wurde nichts gesendet; bitte erneut senden und entscheiden.",
        "By now the PACS has images under these numbers. Nothing was sent; please send again and decide.",
    ),
    "problem_another patient": (
        "Es sind Bilder eines anderen Patienten dazugekommen. Unter der gewählten Patienten-ID wird nichts mehr gesendet; bitte die IT informieren.",
        "Images of another patient have come. Nothing more is sent under the patient ID that was chosen; please tell IT.",
    ),
    "problem_more came": (
        "Nach dem Senden sind Bilder dazugekommen. „Erneut senden“ überträgt nur diese.",
        "Images have come after the others were sent. “Send again” sends only those.",
    ),
    "state_in PACS without": (
        "Im PACS, {count} ausgenommen",
        "In the PACS, {count} excepted",
    ),
    "forward_untaken": ("{count} Bilder fehlen noch", "{count} images are still missing"),
    "forward_one": ("Serie {series}, Bild {image}", "Series {series}, image {image}"),
    "forward_status": (
        "vom PACS abgelehnt, Status {status}",
        "refused by the PACS, status {status}",
    ),
    "forward_changed": (
        "nicht gesendet: im Archiv der Klinik liegt nicht mehr das Bild, das ankam",
        "not sent: the hospital's archive no longer has the image that arrived",
    ),
    "problem_archive changed": (
        "Im Archiv der Klinik liegt nicht mehr alles, was ankam. Was sich dort geändert hat, wurde nicht gesendet. Bitte die IT informieren.",
        "The hospital's archive no longer has all that arrived. What changed there was not sent. Please tell IT.",
    ),
    "problem_archive away": (
        "Das Archiv der Klinik, in dem die Bilder liegen, antwortet nicht. Bitte später erneut senden; was schon gesendet ist, bleibt.",
        "The hospital's archive that keeps the images does not answer. Please send again later; what was sent stays.",
    ),
    "forward_no_status": ("nicht bestätigt", "not confirmed"),
    "question_title": ("Schon im PACS?", "Already in the PACS?"),
    "question": (
        "{pacs} kennt diese Untersuchung bereits. {count} der {total} Bilder liegen dort schon unter derselben Nummer.",
        "{pacs} already knows this study. {count} of the {total} images are there under the same number.",
    ),
    "question_elsewhere": (
        "{pacs} kennt die Untersuchung nicht, hat aber {count} der {total} Bildnummern in einer anderen.",
        "{pacs} does not know the study, but has {count} of the {total} image numbers in another one.",
    ),
    "question_misplaced": (
        "{count} davon liegen dort in einer anderen Untersuchung oder Serie.",
        "{count} of them are in another study or series there.",
    ),
    "question_hint": (
        "Was im PACS liegt, wird nie überschrieben.",
        "What is in the PACS is never overwritten.",
    ),
    "question_no": ("Nicht senden", "Do not send"),
    "answer_compare": ("Erst vergleichen", "Compare first"),
    "answer_compare_hint": (
        "Holt die Bilder aus dem PACS und vergleicht sie. Es wird nichts gesendet.",
        "Fetches the images from the PACS and compares them. Nothing is sent.",
    ),
    "answer_there": ("Es sind dieselben: Rest senden", "They are the same: send the rest"),
    "answer_there_hint": (
        "{count} Bilder gelten als schon vorhanden, {rest} werden gesendet.",
        "{count} images count as being there already, {rest} are sent.",
    ),
    "answer_add": ("Zu dieser Untersuchung senden", "Add to this study"),
    "answer_add_hint": (
        "Alle {rest} Bilder werden gesendet; keines davon liegt schon dort.",
        "All {rest} images are sent; none of them is there yet.",
    ),
    "answer_new": ("Mit neuen Nummern senden", "Send under new numbers"),
    "answer_new_hint": (
        "Als eigene Untersuchung: alle UIDs werden einheitlich neu vergeben, auch in Verweisen; Bildpunkte bleiben.",
        "As a study of its own: all UIDs are replaced consistently, also in references; pixels stay.",
    ),
    "alike_same": ("gleich", "the same"),
    "alike_same pixels": (
        "gleiche Bildpunkte, andere Begleitdaten",
        "same pixels, other header",
    ),
    "alike_other": ("andere Bildpunkte", "other pixels"),
    "alike_unknown": ("nicht vergleichbar", "could not be compared"),
    "alike_warning": (
        "Unter derselben Nummer liegen dort andere Bilder. Sie bleiben, wie sie sind.",
        "Other images are there under the same number. They stay as they are.",
    ),
    "worklist_query": (
        "Auftragsnummer, Patienten-ID oder Name",
        "Accession number, patient ID or name",
    ),
    "worklist_button": ("In der Arbeitsliste suchen", "Look up in the worklist"),
    "worklist_nothing": (
        "Die Arbeitsliste kennt das nicht. Bitte unten eintippen.",
        "The worklist does not know it. Please type it below.",
    ),
    "problem_no worklist": (
        "Die Arbeitsliste antwortet nicht. Patienten-ID bitte tippen oder scannen.",
        "The worklist does not answer. Please type or scan the patient ID.",
    ),
}
