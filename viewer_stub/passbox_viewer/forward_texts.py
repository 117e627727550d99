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
        "Es sind Bilder dazugekommen, die ein anderer Patient sein können. Unter der gewählten Patienten-ID wird nichts mehr gesendet, bis Sie entscheiden.",
        "Images have come that may be another patient. Nothing more is sent under the patient ID that was chosen until you decide.",
    ),
    "problem_decided": (
        "Die Entscheidung ist festgehalten, gesendet ist noch nichts. „Erneut senden“ setzt dort fort.",
        "The decision is noted, nothing has been sent yet. “Send again” goes on from there.",
    ),
    "problem_no decision": (
        "Es ist nichts geschehen: Ein Grund fehlt, oder die Bilder sind schon auf dem Weg ins PACS.",
        "Nothing has happened: a reason is missing, or the images are on their way to the PACS already.",
    ),
    "patient_question": ("Wer ist das?", "Who is this?"),
    "patient_question_hint": (
        "Diese Angaben stehen in {count} der Bilder. Im Zweifel beim Absender nachfragen; solange wird nichts gesendet.",
        "{count} of the images say so. In doubt ask the sender; nothing is sent meanwhile.",
    ),
    "patient_other": ("Ein anderer Patient:", "Another patient:"),
    "patient_leave_out": ("Diese Bilder nicht senden", "Do not send these images"),
    "patient_same": ("Doch derselbe Patient …", "The same patient after all …"),
    "patient_same_hint": (
        "Die Bilder gehen dann unter der Patienten-ID {patient_id} ins PACS. Das lässt sich hier nicht zurückholen.",
        "The images then go to the PACS under the patient ID {patient_id}. That cannot be undone here.",
    ),
    "patient_same_button": (
        "Ja, das ist auch {patient_id}",
        "Yes, this is {patient_id} too",
    ),
    "patient_left_out": (
        "Nicht gesendet: {count} der Bilder. Sie bleiben hier zu sehen und im ZIP. Sollen sie ins PACS, bitte getrennt übermitteln lassen.",
        "Not sent: {count} of the images. They can still be seen here and are in the ZIP. If they belong in the PACS, have them sent as a transfer of their own.",
    ),
    "patient_open_again": ("Zurücknehmen", "Take back"),
    "patient_without": ("Ohne {name} senden …", "Send without {name} …"),
    "patient_without_hint": (
        "Nicht gesendet werden dann {count} der Bilder. Sie bleiben hier zu sehen und im ZIP.",
        "{count} of the images are not sent then. They can still be seen here and are in the ZIP.",
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
    "forward_offer": (
        "{count} Bilder werden unverändert gesendet. „Im PACS“ steht hier erst, wenn das PACS sie selbst bestätigt.",
        "{count} images are sent unchanged. This page says “in the PACS” only once the PACS itself confirms them.",
    ),
    "forward_cannot": (
        "{count} Bilder können nicht ins PACS (nicht lesbar oder doppelte Nummer).",
        "{count} images cannot go to the PACS (not readable or a number used twice).",
    ),
    "forward_patients": (
        "Achtung: Gesendet werden die Bilder aller {count} Patienten:",
        "Careful: the images of all {count} patients are sent:",
    ),
    "forward_button": ("An {pacs} senden", "Send to {pacs}"),
    "forward_again": ("Erneut senden", "Send again"),
    "forward_none": (
        "Es ist kein PACS eingerichtet.",
        "No PACS is configured.",
    ),
    "forward_running": ("{sent} von {total} gesendet", "{sent} of {total} sent"),
    "forward_proved": (
        "{count} Bilder von {pacs} selbst bestätigt ({how})",
        "{count} images confirmed by {pacs} itself ({how})",
    ),
    "proof_listed": ("C-FIND", "C-FIND"),
    "proof_committed": ("Storage Commitment", "storage commitment"),
    "forward_asked_by": ("Gesendet: {author}", "Sent: {author}"),
    "forward_partly": (
        "{in_pacs} von {total} Bildern sind im PACS bestätigt.",
        "{in_pacs} of {total} images are confirmed in the PACS.",
    ),
    "problem_unreachable": (
        "Das PACS ist nicht erreichbar. Es ging nichts verloren.",
        "The PACS cannot be reached. Nothing was lost.",
    ),
    "problem_cut": (
        "Die Verbindung zum PACS brach ab. Ein neuer Versuch setzt dort fort.",
        "The connection to the PACS broke off. Trying again goes on from there.",
    ),
    "problem_not taken": (
        "Das PACS hat Bilder nicht angenommen.",
        "The PACS did not take some images.",
    ),
    "problem_not listed": (
        "Das PACS hat Bilder angenommen, bestätigt sie aber nicht.",
        "The PACS took images but does not confirm them.",
    ),
    "problem_nothing to send": (
        "Es gibt kein Bild, das gesendet werden könnte.",
        "There is no image that could be sent.",
    ),
    "problem_not configured": (
        "Dieses PACS ist nicht mehr eingerichtet.",
        "This PACS is no longer configured.",
    ),
    "problem_no reason": (
        "Bitte einen Grund angeben; es ist nichts geschehen.",
        "Please give a reason; nothing has happened.",
    ),
    "forward_decoded": (
        "{count} Bilder als unkomprimierte Kopie, weil das PACS ihr Format nicht annimmt; die Bildpunkte sind geprüft gleich.",
        "{count} images as uncompressed copies, because the PACS does not take their format; their pixels are proved equal.",
    ),
    "identity": ("Mit Patienten-ID des Hauses …", "With the house's patient ID …"),
    "identity_hint": (
        "Tippen oder scannen. Danach stehen beide Angaben nebeneinander, bevor etwas gesendet wird.",
        "Type or scan. Both are then shown side by side before anything is sent.",
    ),
    "identity_patient_id": ("Patienten-ID", "Patient ID"),
    "identity_name": ("Name", "Name"),
    "identity_name_form": ("Familienname, Vorname", "Family name, given name"),
    "identity_birth_date": ("Geburtsdatum", "Birth date"),
    "identity_issuer": ("Aussteller der ID (optional)", "Issuer of the ID (optional)"),
    "identity_accession": ("Auftragsnummer (optional)", "Accession number (optional)"),
    "compare_accession": ("Auftragsnummer", "Accession number"),
    "identity_button": ("Nebeneinander ansehen", "See them side by side"),
    "compare_title": ("Derselbe Patient?", "The same patient?"),
    "compare_external": ("Absender", "Sender"),
    "compare_local": ("Unser Haus", "Our house"),
    "compare_hint": (
        "Ins PACS gehen Patienten-ID, Aussteller und Auftragsnummer des Hauses. Die früheren Werte bleiben in jedem Bild vermerkt; Name, Geburtsdatum und Bildpunkte bleiben, wie sie kamen.",
        "The PACS gets the house's patient ID, issuer and accession number. The former values stay noted in every image; name, birth date and pixels stay as they came.",
    ),
    "compare_mismatch": (
        "Name oder Geburtsdatum weichen ab. Senden nur mit Begründung.",
        "Name or birth date differ. Send only with a reason.",
    ),
    "compare_reason": (
        "Warum es derselbe Patient ist",
        "Why it is the same patient",
    ),
    "compare_yes": ("Ja, an {pacs} senden", "Yes, send to {pacs}"),
    "forward_identity": (
        "Mit der Patienten-ID {patient_id} des Hauses.",
        "With the house's patient ID {patient_id}.",
    ),
    "forward_identity_reason": (
        "Abweichung begründet: {reason}",
        "Reason for the mismatch: {reason}",
    ),
    "problem_identity incomplete": (
        "Zur Patienten-ID gehören Name und Geburtsdatum; es ist nichts geschehen.",
        "A patient ID needs name and birth date; nothing has happened.",
    ),
    "problem_identity unwritable": (
        "Patienten-ID, Aussteller und Auftragsnummer: nur Buchstaben ohne Umlaute, Ziffern und Zeichen, nicht zu lang. Es ist nichts geschehen.",
        "Patient ID, issuer and accession number: plain letters, digits and signs only, not too long. Nothing has happened.",
    ),
    "problem_several patients": (
        "Bilder mehrerer Patienten können nicht unter eine Patienten-ID; nehmen Sie erst aus, wer es nicht ist. Es ist nichts geschehen.",
        "Images of several patients cannot go under one patient ID; first leave out who it is not. Nothing has happened.",
    ),
    "refuse": ("Nicht für uns …", "Not ours …"),
    "refuse_hint": (
        "Die Bilder werden nicht ins PACS gesendet. Der Absender erfährt, dass sie nicht behalten wurden, nicht warum.",
        "The images will not go to the PACS. The sender learns that they were not kept, not why.",
    ),
    "refuse_reason": ("Grund", "Reason"),
    "refuse_choose": ("bitte wählen", "please choose"),
    "refuse_note": ("Notiz für das Haus", "Note for the house"),
    "refuse_button": ("Ablehnen", "Refuse"),
    "refusal_wrong patient": ("falscher Patient", "wrong patient"),
    "refusal_wrong recipient": ("an die falsche Stelle gesendet", "sent to the wrong place"),
    "refusal_not expected": ("nicht angefordert", "not asked for"),
    "refusal_unusable": ("nicht verwendbar", "not usable"),
    "refusal_other": ("anderer Grund (bitte notieren)", "another reason (please note it)"),
    "refused_because": ("Grund: {reason}", "Reason: {reason}"),
}
