"""German words for what is odd on a medium; see finding_words.py."""

from typing import Final

from passbox_client.finding_words import Affected, Told

AFFECTED: Final = Affected("Betroffen: {studies}.", "ohne Angabe", "%d.%m.%Y", "und weitere")
_NEW_COPY: Final = "Bitten Sie um eine neue Kopie, wenn diese Bilder gebraucht werden."

FINDINGS: Final = {
    "nothing_there": Told(
        "Hier ist keine einzige Datei.",
        "Hier ist keine einzige Datei.",
        "Wählen Sie das Laufwerk oder den Ordner mit den Bildern. Ist die CD leer, bitten Sie "
        "um eine neue.",
    ),
    "no_images": Told(
        "Die Datei hier ist kein medizinisches Bild.",
        "Unter den {count} Dateien hier ist kein medizinisches Bild.",
        "Wählen Sie die ganze CD statt eines Ordners. Stehen darauf nur Fotos oder Dokumente, "
        "bitten Sie um die Originalbilder der Untersuchung.",
    ),
    "medium_gone": Told(
        "Der Datenträger wurde während des Durchsehens entfernt. Bis dahin wurde {count} Datei "
        "angesehen; was danach kommt, ist unbekannt.",
        "Der Datenträger wurde während des Durchsehens entfernt. Bis dahin wurden {count} Dateien "
        "angesehen; was danach kommt, ist unbekannt.",
        "Legen Sie ihn wieder ein und sehen Sie ihn noch einmal durch.",
    ),
    "too_many_files": Told(
        "Es sind mehr Dateien da, als angesehen werden können. Nur die erste wurde genommen.",
        "Es sind mehr Dateien da, als angesehen werden können. Nur die ersten {count} wurden "
        "genommen.",
        "Wählen Sie den Ordner mit den Bildern statt des ganzen Laufwerks.",
    ),
    "several_patients": Told(
        "Auf diesem Datenträger ist {count} Patient: {detail}.",
        "Auf diesem Datenträger sind {count} Patienten: {detail}.",
        "Wählen Sie vor dem Senden, wessen Bilder gemeint sind.",
    ),
    "perhaps_one_patient": Told(
        "Gleicher Name und gleiches Geburtsdatum, aber {count} Nummern: {detail}.",
        "Gleicher Name und gleiches Geburtsdatum, aber {count} Nummern: {detail}.",
        "Wahrscheinlich ist es ein Mensch. Sagen Sie es der Klinik, wenn Sie es wissen.",
    ),
    "one_id_several_names": Told(
        "Eine Patientennummer steht für {count} verschiedene Angaben: {detail}.",
        "Eine Patientennummer steht für {count} verschiedene Angaben: {detail}.",
        "Prüfen Sie, ob alle Bilder zu Ihrem Patienten gehören.",
    ),
    "several_spellings": Told(
        "Ein Patient ist auf {count} Art geschrieben: {detail}.",
        "Ein Patient ist auf {count} Arten geschrieben: {detail}.",
    ),
    "name_is_a_guess": Told(
        "Ein Name ist vielleicht nicht so angezeigt, wie er gemeint ist: {detail}.",
        "Namen sind vielleicht nicht so angezeigt, wie sie gemeint sind: {detail}.",
        "Die Bilder werden unverändert gesendet. Vergleichen Sie den Namen mit dem Auftrag.",
    ),
    "study_of_several_patients": Told(
        "Eine Untersuchung trägt {count} Patienten: {detail}.",
        "Eine Untersuchung trägt {count} verschiedene Patienten: {detail}.",
        "Fragen Sie, wer die CD erstellt hat, wessen Untersuchung es ist.",
    ),
    "folder_missing": Told(
        "Das Inhaltsverzeichnis der CD nennt {count} Datei im Ordner {detail}. Diesen Ordner gibt "
        "es auf dem Datenträger nicht.",
        "Das Inhaltsverzeichnis der CD nennt {count} Dateien im Ordner {detail}. Diesen Ordner "
        "gibt es auf dem Datenträger nicht.",
        "Darum wurden alle Dateien einzeln angesehen; was gefunden wurde, steht oben.",
    ),
    "listed_missing": Told(
        "{count} Datei steht im Inhaltsverzeichnis der CD, ist aber nicht auf dem Datenträger.",
        "{count} Dateien stehen im Inhaltsverzeichnis der CD, sind aber nicht auf dem Datenträger.",
        "Wurde nur ein Teil der CD kopiert, wählen Sie die CD selbst. Sonst bitten Sie um eine "
        "neue.",
    ),
    "listed_elsewhere": Told(
        "{count} Bild liegt an einer anderen Stelle, als das Inhaltsverzeichnis sagt. Es wurde "
        "gefunden.",
        "{count} Bilder liegen an einer anderen Stelle, als das Inhaltsverzeichnis sagt. Sie "
        "wurden gefunden; von ihnen fehlt keines.",
    ),
    "listed_broken": Told(
        "{count} Datei steht als Bild im Inhaltsverzeichnis, enthält aber keines: Sie ist leer "
        "oder überschrieben.",
        "{count} Dateien stehen als Bilder im Inhaltsverzeichnis, enthalten aber keine: Sie sind "
        "leer oder überschrieben.",
        _NEW_COPY,
    ),
    "listed_outside": Told(
        "Das Inhaltsverzeichnis nennt {count} Stelle außerhalb des Datenträgers. Dort wurde "
        "nichts geöffnet.",
        "Das Inhaltsverzeichnis nennt {count} Stellen außerhalb des Datenträgers. Dort wurde "
        "nichts geöffnet.",
        "Das kommt bei ordentlichen CDs nicht vor. Fragen Sie, woher diese stammt.",
    ),
    "other_patient_listed": Told(
        "{count} Bild gehört nach seinem Inhalt zu einem anderen Patienten, als das "
        "Inhaltsverzeichnis sagt: {detail}.",
        "{count} Bilder gehören nach ihrem Inhalt zu einem anderen Patienten, als das "
        "Inhaltsverzeichnis sagt: {detail}.",
        "Prüfen Sie vor dem Senden, wessen Bilder es sind.",
    ),
    "not_listed": Told(
        "{count} Bild ist auf dem Datenträger, aber nicht in seinem Inhaltsverzeichnis. Es wird "
        "mitgesendet.",
        "{count} Bilder sind auf dem Datenträger, aber nicht in seinem Inhaltsverzeichnis. Sie "
        "werden mitgesendet.",
    ),
    "directory_damaged": Told(
        "Das Inhaltsverzeichnis ist beschädigt. Stattdessen wurden alle Dateien angesehen.",
        "{count} Inhaltsverzeichnisse sind beschädigt. Stattdessen wurden alle Dateien angesehen.",
    ),
    "unreadable": Told(
        "{count} Datei lässt sich nicht lesen. Sie fehlt in der Sendung.",
        "{count} Dateien lassen sich nicht lesen. Sie fehlen in der Sendung.",
        "Reinigen Sie die CD, versuchen Sie ein anderes Laufwerk, oder bitten Sie um eine neue.",
    ),
    "cut_short": Told(
        "{count} Datei ist beschädigt: Sie endet mittendrin. Die Klinik wird sie vermutlich nicht "
        "annehmen.",
        "{count} Dateien sind beschädigt: Sie enden mittendrin. Die Klinik wird sie vermutlich "
        "nicht annehmen.",
        _NEW_COPY,
    ),
    "hostile": Told(
        "{count} Datei ließ sich nicht gefahrlos untersuchen und wird nicht gesendet.",
        "{count} Dateien ließen sich nicht gefahrlos untersuchen und werden nicht gesendet.",
        "Das kommt bei ordentlichen CDs nicht vor. Fragen Sie, woher diese stammt.",
    ),
    "too_deep": Told(
        "{count} Ordner liegt zu tief in anderen Ordnern und wurde nicht angesehen.",
        "{count} Ordner liegen zu tief in anderen Ordnern und wurden nicht angesehen.",
        "Sehen Sie diese Ordner einzeln durch.",
    ),
    "archive_refused": Told(
        "{count} gepackte Datei (ZIP oder ähnlich) lässt sich hier nicht öffnen.",
        "{count} gepackte Dateien (ZIP oder ähnlich) lassen sich hier nicht öffnen.",
        "Entpacken Sie sie in einen Ordner, und sehen Sie diesen durch.",
    ),
    "locked": Told(
        "{count} Datei liegt in einem ZIP mit Kennwort.",
        "{count} Dateien liegen in einem ZIP mit Kennwort.",
        "Geben Sie das Kennwort an (--password), oder entpacken Sie die Dateien zuerst.",
    ),
    "links": Told(
        "{count} Eintrag ist keine Datei, sondern ein Verweis oder ein Gerät. Er wurde nicht "
        "geöffnet.",
        "{count} Einträge sind keine Dateien, sondern Verweise oder Geräte. Sie wurden nicht "
        "geöffnet.",
    ),
    "duplicates": Told(
        "{count} Datei ist die genaue Kopie einer anderen. Jedes Bild wird einmal gesendet.",
        "{count} Dateien sind genaue Kopien anderer. Jedes Bild wird einmal gesendet.",
    ),
    "same_uid_other_bytes": Told(
        "{count} Bild trägt die Kennung eines anderen und hat doch einen anderen Inhalt.",
        "{count} Bilder haben gemeinsame Kennungen, aber verschiedene Inhalte. Alle werden "
        "gesendet.",
        "Die Klinik sieht sie nebeneinander und entscheidet; nichts wird überschrieben.",
    ),
    "series_gap": Told(
        "In einer Serie fehlt die Bildnummer {detail}.",
        "In einer Serie fehlen {count} Bildnummern: {detail}.",
        "Nicht jede Lücke ist ein Verlust. Fragen Sie nach, wenn die Serie vollständig sein muss.",
    ),
    "without_header": Told(
        "{count} Bild fehlt der übliche Dateikopf. Es wurde erkannt und wird gesendet, wie es ist.",
        "{count} Bildern fehlt der übliche Dateikopf. Sie wurden erkannt und werden gesendet, wie "
        "sie sind.",
    ),
    "old_format": Told(
        "{count} Bild hat ein Format der 1980er-Jahre. Es geht mit, aber ein Bildarchiv kann es "
        "nicht aufnehmen.",
        "{count} Bilder haben ein Format der 1980er-Jahre. Sie gehen mit, aber ein Bildarchiv "
        "kann sie nicht aufnehmen.",
    ),
    "without_uids": Told(
        "{count} Datei fehlt, was ein Bild ausweist. Sie geht mit, aber ein Bildarchiv kann sie "
        "nicht aufnehmen.",
        "{count} Dateien fehlt, was ein Bild ausweist. Sie gehen mit, aber ein Bildarchiv kann "
        "sie nicht aufnehmen.",
    ),
    "vendor_objects": Told(
        "{count} Datei hat ein eigenes Format des Geräteherstellers. Sie wird gesendet; nicht "
        "jedes Bildarchiv nimmt sie an.",
        "{count} Dateien haben ein eigenes Format des Geräteherstellers. Sie werden gesendet; "
        "nicht jedes Bildarchiv nimmt sie an.",
    ),
    "named_as_image": Told(
        "{count} Datei heißt wie ein Bild, ist aber keines.",
        "{count} Dateien heißen wie Bilder, sind aber keine.",
        "Fehlt Ihnen ein Bild, bitten Sie um eine neue Kopie.",
    ),
    "documents": Told(
        "{count} Dokument oder Foto ist kein Bild der Untersuchung. Es kann mitgehen.",
        "{count} Dokumente oder Fotos sind keine Bilder der Untersuchung. Sie können mitgehen.",
    ),
    "other_files": Told(
        "{count} weitere Datei ist kein medizinisches Bild und wird nicht gesendet.",
        "{count} weitere Dateien sind keine medizinischen Bilder und werden nicht gesendet.",
    ),
}
