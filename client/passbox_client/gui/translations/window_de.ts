<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Card</name>
    <message>
        <source>Which hospital is it for?</source>
        <translation>Für welche Klinik ist es?</translation>
    </message>
    <message>
        <source>Please open the hospital’s address file. Its name ends in .passbox, and you find it on the hospital’s web page or in its e-mail.</source>
        <translation>Bitte öffnen Sie die Adressdatei der Klinik. Ihr Name endet auf .passbox; Sie finden sie auf der Internetseite der Klinik oder in ihrer E-Mail.</translation>
    </message>
    <message>
        <source>Open the address file …</source>
        <translation>Adressdatei öffnen …</translation>
    </message>
    <message>
        <source>It is the one in the letter: use this file</source>
        <translation>Er steht so im Brief: diese Datei verwenden</translation>
    </message>
    <message>
        <source>Compare this fingerprint with the hospital’s letter, group by group. If it differs, do not use the file, and call the hospital by the number in the letter.</source>
        <translation>Vergleichen Sie diesen Fingerabdruck Gruppe für Gruppe mit dem Brief der Klinik. Weicht er ab, verwenden Sie die Datei nicht, und rufen Sie die Klinik unter der Nummer im Brief an.</translation>
    </message>
    <message>
        <source>Open the hospital’s address file</source>
        <translation>Adressdatei der Klinik öffnen</translation>
    </message>
    <message>
        <source>Address files</source>
        <translation>Adressdateien</translation>
    </message>
</context>
<context>
    <name>Connection</name>
    <message>
        <source>Connection to the hospital</source>
        <translation>Verbindung zur Klinik</translation>
    </message>
    <message>
        <source>Nothing needs to be changed here unless your IT support says so. Whatever you choose, only the hospital can open the images.</source>
        <translation>Hier muss nichts geändert werden, außer Ihre IT-Betreuung sagt es. Was Sie auch wählen: Nur die Klinik kann die Bilder öffnen.</translation>
    </message>
    <message>
        <source>Way to the internet</source>
        <translation>Weg ins Internet</translation>
    </message>
    <message>
        <source>Address of the proxy</source>
        <translation>Adresse des Proxys</translation>
    </message>
    <message>
        <source>Remember this on this computer (never a password)</source>
        <translation>Auf diesem Computer merken (nie ein Kennwort)</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>As this computer says (recommended)</source>
        <translation>Wie dieser Computer es vorgibt (empfohlen)</translation>
    </message>
    <message>
        <source>Without a proxy</source>
        <translation>Ohne Proxy</translation>
    </message>
    <message>
        <source>Through this proxy</source>
        <translation>Über diesen Proxy</translation>
    </message>
</context>
<context>
    <name>Findings</name>
    <message>
        <source>For your information</source>
        <translation>Zur Kenntnis</translation>
    </message>
    <message>
        <source>⚠  Please check</source>
        <translation>⚠  Bitte prüfen</translation>
    </message>
    <message>
        <source>⚠  Something is missing</source>
        <translation>⚠  Es fehlt etwas</translation>
    </message>
    <message>
        <source>Type the password and look again.</source>
        <translation>Geben Sie das Kennwort ein und lassen Sie noch einmal nachsehen.</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Kennwort</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Noch einmal nachsehen</translation>
    </message>
    <message>
        <source>Show fewer notes</source>
        <translation>Weniger Hinweise zeigen</translation>
    </message>
    <message numerus="yes">
        <source>Show %n note(s) about this disc</source>
        <translation>
            <numerusform>%n Hinweis zu dieser CD zeigen</numerusform>
            <numerusform>%n Hinweise zu dieser CD zeigen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LookUp</name>
    <message>
        <source>What became of my images?</source>
        <translation>Was ist aus meinen Bildern geworden?</translation>
    </message>
    <message>
        <source>Type the receipt code from your print-out.</source>
        <translation>Geben Sie den Quittungscode von Ihrem Ausdruck ein.</translation>
    </message>
    <message>
        <source>Receipt code</source>
        <translation>Quittungscode</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Asking the hospital …</source>
        <translation>Die Klinik wird gefragt …</translation>
    </message>
    <message>
        <source>Look up</source>
        <translation>Nachsehen</translation>
    </message>
    <message>
        <source>As of {time}. What came later is not in it yet.</source>
        <translation>Stand: {time} Uhr. Was danach geschah, steht hier noch nicht.</translation>
    </message>
    <message>
        <source>Examination {number}</source>
        <translation>Untersuchung {number}</translation>
    </message>
</context>
<context>
    <name>Medium</name>
    <message>
        <source>Where are the images?</source>
        <translation>Wo sind die Bilder?</translation>
    </message>
    <message>
        <source>No disc or stick has been found yet.</source>
        <translation>Noch wurde keine CD und kein Stick gefunden.</translation>
    </message>
    <message>
        <source>Choose a folder …</source>
        <translation>Ordner wählen …</translation>
    </message>
    <message>
        <source>Choose a ZIP file …</source>
        <translation>ZIP-Datei wählen …</translation>
    </message>
    <message>
        <source>The next disc goes into the same drive?</source>
        <translation>Kommt die nächste CD in dasselbe Laufwerk?</translation>
    </message>
    <message>
        <source>Please leave the first disc in. You are asked for the next one as soon as the first has been read.</source>
        <translation>Lassen Sie die erste CD bitte noch drin. Sobald sie gelesen ist, werden Sie nach der nächsten gefragt.</translation>
    </message>
    <message>
        <source>Yes, ask me for it then</source>
        <translation>Ja, dann danach fragen</translation>
    </message>
    <message>
        <source>Please put in the next disc</source>
        <translation>Bitte legen Sie die nächste CD ein</translation>
    </message>
    <message>
        <source>Where is the other disc or folder?</source>
        <translation>Wo ist die andere CD oder der andere Ordner?</translation>
    </message>
    <message>
        <source>It goes into the same transfer, under the same receipt.</source>
        <translation>Alles geht in dieselbe Sendung, mit derselben Quittung.</translation>
    </message>
    <message>
        <source>There is no other disc</source>
        <translation>Es gibt keine weitere CD</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Look at the images</source>
        <translation>Bilder ansehen</translation>
    </message>
    <message>
        <source>CD or DVD</source>
        <translation>CD oder DVD</translation>
    </message>
    <message>
        <source>Put it into the drive. It shows here by itself; that may take half a minute.</source>
        <translation>Legen Sie sie in das Laufwerk. Sie erscheint hier von selbst; das kann eine halbe Minute dauern.</translation>
    </message>
    <message>
        <source>Plug it in. It shows here by itself.</source>
        <translation>Stecken Sie ihn ein. Er erscheint hier von selbst.</translation>
    </message>
    <message>
        <source>On this computer: a folder, or a file you have downloaded</source>
        <translation>Auf diesem Computer: ein Ordner oder eine heruntergeladene Datei</translation>
    </message>
    <message>
        <source>Choose it here, or drag it into this window with the mouse.</source>
        <translation>Wählen Sie hier, oder ziehen Sie beides mit der Maus in dieses Fenster.</translation>
    </message>
    <message>
        <source>Everything so far has been read; you may take that disc out. The transfer waits for the next one.</source>
        <translation>Alles Bisherige ist gelesen; Sie können diese CD herausnehmen. Die Sendung wartet auf die nächste.</translation>
    </message>
    <message>
        <source>Please put in the same disc again</source>
        <translation>Bitte legen Sie dieselbe CD wieder ein</translation>
    </message>
    <message>
        <source>Click where your images are.</source>
        <translation>Klicken Sie an, wo Ihre Bilder sind.</translation>
    </message>
    <message>
        <source>Is it the right one?</source>
        <translation>Ist das richtig?</translation>
    </message>
    <message>
        <source>Choose the folder with the images</source>
        <translation>Ordner mit den Bildern wählen</translation>
    </message>
    <message>
        <source>Choose the ZIP file with the images</source>
        <translation>ZIP-Datei mit den Bildern wählen</translation>
    </message>
    <message>
        <source>ZIP files</source>
        <translation>ZIP-Dateien</translation>
    </message>
    <message>
        <source>Disc</source>
        <translation>CD/DVD</translation>
    </message>
    <message>
        <source>USB stick</source>
        <translation>USB-Stick</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Copy the details</source>
        <translation>Angaben kopieren</translation>
    </message>
    <message>
        <source>Details for the technician</source>
        <translation>Angaben für die Technik</translation>
    </message>
    <message>
        <source>Hide the details</source>
        <translation>Angaben verbergen</translation>
    </message>
    <message>
        <source>✓  Copied</source>
        <translation>✓  Kopiert</translation>
    </message>
</context>
<context>
    <name>People</name>
    <message>
        <source>Who sends, and for whom?</source>
        <translation>Wer sendet, und für wen?</translation>
    </message>
    <message>
        <source>Fields marked “required” are needed so that the hospital can call back. Everything else is up to you.</source>
        <translation>Was mit „nötig“ markiert ist, braucht die Klinik für Rückfragen. Alles andere ist freiwillig.</translation>
    </message>
    <message>
        <source>Your name (required)</source>
        <translation>Ihr Name (nötig)</translation>
    </message>
    <message>
        <source>Your e-mail (required)</source>
        <translation>Ihre E-Mail-Adresse (nötig)</translation>
    </message>
    <message>
        <source>Your telephone number</source>
        <translation>Ihre Telefonnummer</translation>
    </message>
    <message>
        <source>Where at the hospital</source>
        <translation>Wohin in der Klinik</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>Abteilung</translation>
    </message>
    <message>
        <source>E-mail of somebody at the hospital</source>
        <translation>E-Mail-Adresse von jemandem in der Klinik</translation>
    </message>
    <message>
        <source>Remember me on this computer (nothing about any patient)</source>
        <translation>Auf diesem Computer an mich erinnern (nie an Patienten)</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>I do not know</source>
        <translation>Weiß ich nicht</translation>
    </message>
    <message>
        <source>This is not an e-mail address. Example: {example}</source>
        <translation>Das ist keine E-Mail-Adresse. Beispiel: {example}</translation>
    </message>
    <message>
        <source>This address does not belong to the hospital. Allowed: {domains}</source>
        <translation>Diese Adresse gehört nicht zur Klinik. Erlaubt: {domains}</translation>
    </message>
    <message>
        <source>Please type your name.</source>
        <translation>Bitte geben Sie Ihren Namen ein.</translation>
    </message>
    <message>
        <source>Please type your e-mail address.</source>
        <translation>Bitte geben Sie Ihre E-Mail-Adresse ein.</translation>
    </message>
</context>
<context>
    <name>Privacy</name>
    <message>
        <source>Send images to the hospital</source>
        <translation>Bilder an die Klinik senden</translation>
    </message>
    <message>
        <source>Privacy statement</source>
        <translation>Datenschutzerklärung</translation>
    </message>
    <message>
        <source>I have read the privacy statement and agree to it.</source>
        <translation>Ich habe die Datenschutzerklärung gelesen und stimme ihr zu.</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Fassung {version}</translation>
    </message>
    <message>
        <source>Please read the statement and tick the box.</source>
        <translation>Bitte lesen Sie die Erklärung und kreuzen Sie das Kästchen an.</translation>
    </message>
    <message>
        <source>Is this the right hospital? Its letter shows this fingerprint:
{fingerprint}</source>
        <translation>Ist es die richtige Klinik? In ihrem Brief steht dieser Fingerabdruck:
{fingerprint}</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Look up a receipt</source>
        <translation>Quittung nachsehen</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Step {number}: {name}, {standing}</source>
        <translation>Schritt {number}: {name}, {standing}</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>Ihr Name</translation>
    </message>
    <message>
        <source>Your e-mail</source>
        <translation>Ihre E-Mail</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>Abteilung</translation>
    </message>
    <message>
        <source>Who is told</source>
        <translation>Wer erfährt es</translation>
    </message>
    <message>
        <source>Choose the images</source>
        <translation>Bilder wählen</translation>
    </message>
    <message>
        <source>Check and send</source>
        <translation>Prüfen und senden</translation>
    </message>
    <message>
        <source>Progress and receipt</source>
        <translation>Stand und Quittung</translation>
    </message>
    <message>
        <source>not yet done</source>
        <translation>noch offen</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>done</source>
        <translation>erledigt</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>Receipt code: {code}</source>
        <translation>Quittungscode: {code}</translation>
    </message>
    <message>
        <source>To read out on the telephone: {code}</source>
        <translation>Zum Vorlesen am Telefon: {code}</translation>
    </message>
    <message>
        <source>File {number}</source>
        <translation>Datei {number}</translation>
    </message>
    <message>
        <source>Printed on {time}</source>
        <translation>Gedruckt am {time} Uhr</translation>
    </message>
    <message>
        <source>The hospital’s word of {time}</source>
        <translation>Von der Klinik unterschrieben am {time} Uhr</translation>
    </message>
    <message>
        <source>Examinations</source>
        <translation>Untersuchungen</translation>
    </message>
    <message>
        <source>What did not arrive, and why</source>
        <translation>Was nicht angekommen ist, und warum</translation>
    </message>
    <message>
        <source>Receipt code as a square code</source>
        <translation>Quittungscode als QR-Code</translation>
    </message>
    <message>
        <source>Receipt code</source>
        <translation>Quittungscode</translation>
    </message>
    <message>
        <source>Copy the code</source>
        <translation>Code kopieren</translation>
    </message>
    <message>
        <source>Your receipt code. Please keep it.</source>
        <translation>Ihr Quittungscode. Bitte aufheben.</translation>
    </message>
    <message>
        <source>Save the receipt …</source>
        <translation>Quittung speichern …</translation>
    </message>
    <message numerus="yes">
        <source>and %n more; the saved receipt names all of them</source>
        <translation>
            <numerusform>und %n weitere; die gespeicherte Quittung nennt alle</numerusform>
            <numerusform>und %n weitere; die gespeicherte Quittung nennt alle</numerusform>
        </translation>
    </message>
    <message>
        <source>Print …</source>
        <translation>Drucken …</translation>
    </message>
    <message>
        <source>Save …</source>
        <translation>Speichern …</translation>
    </message>
    <message>
        <source>Receipt {code}</source>
        <translation>Quittung {code}</translation>
    </message>
    <message>
        <source>To read and print</source>
        <translation>Zum Lesen und Drucken</translation>
    </message>
    <message>
        <source>For programs</source>
        <translation>Für Programme</translation>
    </message>
    <message>
        <source>Save the receipt</source>
        <translation>Quittung speichern</translation>
    </message>
    <message>
        <source>Send another disc</source>
        <translation>Noch eine CD senden</translation>
    </message>
    <message>
        <source>Continue sending now</source>
        <translation>Jetzt weitersenden</translation>
    </message>
    <message>
        <source>✓  Saved as {name}</source>
        <translation>✓  Gesichert als {name}</translation>
    </message>
    <message>
        <source>Images of this transfer</source>
        <translation>Bilder dieser Sendung</translation>
    </message>
    <message>
        <source>Continue now, or another day with the same disc or folder.</source>
        <translation>Setzen Sie sie jetzt fort, oder ein andermal mit derselben CD oder demselben Ordner.</translation>
    </message>
    <message>
        <source>You may take out the disc. Please bring the receipt to your appointment. With its code you can look up later what became of the images. What the hospital does not take into your record it deletes; its privacy statement says when.</source>
        <translation>Sie können die CD herausnehmen. Bitte bringen Sie die Quittung zum Termin mit. Mit ihrem Code können Sie später nachsehen, was aus den Bildern geworden ist. Was die Klinik nicht in Ihre Akte übernimmt, löscht sie; wann, steht in ihrer Datenschutzerklärung.</translation>
    </message>
    <message>
        <source>✓  Copied</source>
        <translation>✓  Kopiert</translation>
    </message>
    <message>
        <source>Done: the hospital has all images</source>
        <translation>Fertig: Die Klinik hat alle Bilder</translation>
    </message>
    <message>
        <source>The hospital has a part of the images</source>
        <translation>Die Klinik hat einen Teil der Bilder</translation>
    </message>
    <message>
        <source>The hospital has not taken the images</source>
        <translation>Die Klinik hat die Bilder nicht angenommen</translation>
    </message>
    <message>
        <source>Handed over, but not yet confirmed</source>
        <translation>Übergeben, aber noch nicht bestätigt</translation>
    </message>
    <message>
        <source>The transfer was interrupted</source>
        <translation>Die Sendung wurde unterbrochen</translation>
    </message>
    <message>
        <source>{hospital}, {time}</source>
        <translation>{hospital}, {time} Uhr</translation>
    </message>
</context>
<context>
    <name>Review</name>
    <message>
        <source>Series</source>
        <translation>Bildserie</translation>
    </message>
    <message>
        <source>Series {name}</source>
        <translation>Bildserie {name}</translation>
    </message>
    <message>
        <source>no preview</source>
        <translation>keine Vorschau</translation>
    </message>
    <message>
        <source>Examination without a name</source>
        <translation>Untersuchung ohne Namen</translation>
    </message>
    <message numerus="yes">
        <source>and %n more series</source>
        <translation>
            <numerusform>und %n weitere Bildserie</numerusform>
            <numerusform>und %n weitere Bildserien</numerusform>
        </translation>
    </message>
    <message>
        <source>No name on the disc</source>
        <translation>Kein Name auf der CD</translation>
    </message>
    <message>
        <source>{name}
born {date}</source>
        <translation>{name}
geboren am {date}</translation>
    </message>
    <message>
        <source>{name}
date of birth unknown</source>
        <translation>{name}
Geburtsdatum unbekannt</translation>
    </message>
    <message>
        <source>These images are not sent.</source>
        <translation>Diese Bilder werden nicht gesendet.</translation>
    </message>
    <message>
        <source>Are these the right images?</source>
        <translation>Sind es die richtigen Bilder?</translation>
    </message>
    <message>
        <source>Looking at the disc</source>
        <translation>Die CD wird angesehen</translation>
    </message>
    <message>
        <source>I have checked whose images are ticked.</source>
        <translation>Ich habe geprüft, wessen Bilder angekreuzt sind.</translation>
    </message>
    <message>
        <source>Perhaps the disc holds somebody else’s images, too. Tick only the people whose images you are allowed to send.</source>
        <translation>Vielleicht sind auch Bilder von jemand anderem dabei. Kreuzen Sie nur die an, deren Bilder Sie senden dürfen.</translation>
    </message>
    <message>
        <source>Yes, send these as well</source>
        <translation>Ja, diese auch senden</translation>
    </message>
    <message>
        <source>There are no images here</source>
        <translation>Hier sind keine Bilder</translation>
    </message>
    <message>
        <source>There is nothing here that could be sent.</source>
        <translation>Hier ist nichts, was gesendet werden könnte.</translation>
    </message>
    <message numerus="yes">
        <source>⚠  %n warning(s) about this disc, further down</source>
        <translation>
            <numerusform>⚠  %n Warnung zu dieser CD, weiter unten</numerusform>
            <numerusform>⚠  %n Warnungen zu dieser CD, weiter unten</numerusform>
        </translation>
    </message>
    <message>
        <source>Looking at “{name}”: {files}, {images} so far.</source>
        <translation>„{name}“ wird angesehen: bisher {files}, {images}.</translation>
    </message>
    <message>
        <source>“{name}”: {files}, {images}.</source>
        <translation>„{name}“: {files}, {images}.</translation>
    </message>
    <message>
        <source>“{name}”: {files}, {images}. Please compare name and birth date.</source>
        <translation>„{name}“: {files}, {images}. Bitte vergleichen Sie Namen und Geburtsdatum.</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>⚠  This is somebody else than on the disc before: {names}. May these images be sent in the same transfer?</source>
        <translation>⚠  Das ist jemand anderes als auf der CD davor: {names}. Dürfen diese Bilder in derselben Sendung mitgehen?</translation>
    </message>
    <message>
        <source>Not sure whose images these are? Please call {phone}.</source>
        <translation>Nicht sicher, wessen Bilder das sind? Bitte rufen Sie an: {phone}.</translation>
    </message>
    <message>
        <source>One moment, the disc is being read.</source>
        <translation>Einen Moment, die CD wird gelesen.</translation>
    </message>
    <message>
        <source>Please tick whose images are to be sent.</source>
        <translation>Bitte kreuzen Sie an, wessen Bilder gesendet werden.</translation>
    </message>
    <message>
        <source>Please answer the question at the top.</source>
        <translation>Bitte beantworten Sie die Frage ganz oben.</translation>
    </message>
    <message>
        <source>Choose something else</source>
        <translation>Etwas anderes wählen</translation>
    </message>
    <message>
        <source>Yes, continue</source>
        <translation>Ja, weiter</translation>
    </message>
    <message>
        <source>It is in again</source>
        <translation>Sie ist wieder drin</translation>
    </message>
    <message>
        <source>Go on without the rest</source>
        <translation>Ohne den Rest weiter</translation>
    </message>
    <message>
        <source>⚠  The disc or stick was taken out. Please put it in again.</source>
        <translation>⚠  Die CD oder der Stick wurde herausgenommen. Bitte wieder einlegen.</translation>
    </message>
    <message numerus="yes">
        <source>⚠  There are images of %n different people. Whose may be sent?</source>
        <translation>
            <numerusform>⚠  Hier sind Bilder von %n Person. Wessen Bilder dürfen gesendet werden?</numerusform>
            <numerusform>⚠  Hier sind Bilder von %n verschiedenen Personen. Wessen dürfen gesendet werden?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Sending</name>
    <message>
        <source>The images are on their way</source>
        <translation>Die Bilder sind unterwegs</translation>
    </message>
    <message>
        <source>Progress of the transfer</source>
        <translation>Fortschritt der Sendung</translation>
    </message>
    <message>
        <source>Add another disc or folder …</source>
        <translation>Noch eine CD oder einen Ordner dazu …</translation>
    </message>
    <message>
        <source>Cancel …</source>
        <translation>Abbrechen …</translation>
    </message>
    <message>
        <source>The hospital is checking the images …</source>
        <translation>Die Klinik prüft die Bilder …</translation>
    </message>
    <message>
        <source>{images} of {all} files, {bytes} of {total}</source>
        <translation>{images} von {all} Dateien, {bytes} von {total}</translation>
    </message>
    <message>
        <source>Speed of the line: {size} per second</source>
        <translation>Tempo der Leitung: {size} in der Sekunde</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Cancel the transfer?</source>
        <translation>Sendung abbrechen?</translation>
    </message>
    <message>
        <source>If you stop now, what has arrived is kept for some days, and you can continue with the same disc, stick or folder. If you take everything back, the hospital’s server deletes what has arrived.</source>
        <translation>Hören Sie jetzt auf, bleibt einige Tage erhalten, was angekommen ist, und Sie können mit derselben CD, demselben Stick oder Ordner weitermachen. Ziehen Sie alles zurück, löscht der Server der Klinik, was angekommen ist.</translation>
    </message>
    <message>
        <source>Keep on sending</source>
        <translation>Weiter senden</translation>
    </message>
    <message>
        <source>Stop now, continue another day</source>
        <translation>Jetzt anhalten, ein andermal fortsetzen</translation>
    </message>
    <message>
        <source>Take everything back</source>
        <translation>Alles zurückziehen</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation>Wird angehalten …</translation>
    </message>
    <message>
        <source>Paused. What has arrived is kept.</source>
        <translation>Angehalten. Was angekommen ist, bleibt erhalten.</translation>
    </message>
    <message>
        <source>⚠  No connection at the moment. We try again by ourselves; nothing is lost.</source>
        <translation>⚠  Zurzeit keine Verbindung. Wir versuchen es von selbst wieder; nichts geht verloren.</translation>
    </message>
    <message>
        <source>⚠  “{name}” is not there. Please put the same disc or stick in again; then it goes on by itself.</source>
        <translation>⚠  „{name}“ ist nicht da. Bitte legen Sie dieselbe CD oder denselben Stick wieder ein; dann geht es von selbst weiter.</translation>
    </message>
    <message>
        <source>Connecting with the hospital …</source>
        <translation>Verbindung mit der Klinik …</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>Wird gesendet</translation>
    </message>
    <message>
        <source>Almost done …</source>
        <translation>Fast fertig …</translation>
    </message>
    <message>
        <source>Everything has been handed over.</source>
        <translation>Alles ist übergeben.</translation>
    </message>
    <message>
        <source>Please leave this window open for a moment. The receipt comes when the hospital has signed that it has every image.</source>
        <translation>Bitte lassen Sie dieses Fenster noch einen Moment offen. Die Quittung kommt, sobald die Klinik unterschrieben hat, dass sie jedes Bild hat.</translation>
    </message>
    <message>
        <source>Please check whether the cable or Wi-Fi of this computer is connected. There is nothing to press here.</source>
        <translation>Bitte prüfen Sie, ob Kabel oder WLAN dieses Computers verbunden sind. Hier ist nichts zu drücken.</translation>
    </message>
    <message>
        <source>What has arrived is kept.</source>
        <translation>Was angekommen ist, bleibt erhalten.</translation>
    </message>
    <message>
        <source>You are asked for the next disc as soon as this one has been read. Please leave this one in until then.</source>
        <translation>Sobald diese CD gelesen ist, werden Sie nach der nächsten gefragt. Bitte lassen Sie diese so lange drin.</translation>
    </message>
    <message>
        <source>You may use the computer for other things meanwhile. Please leave the disc or stick in.</source>
        <translation>Sie können den Computer inzwischen benutzen. Bitte lassen Sie die CD oder den Stick eingelegt.</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>Is everything right?</source>
        <translation>Ist alles richtig?</translation>
    </message>
    <message>
        <source>Nothing has been sent yet.</source>
        <translation>Noch wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>Images of</source>
        <translation>Bilder von</translation>
    </message>
    <message>
        <source>What is sent</source>
        <translation>Was gesendet wird</translation>
    </message>
    <message>
        <source>To</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Who is told</source>
        <translation>Wer erfährt es</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>It continues where it stopped. Nothing is sent twice.</source>
        <translation>Es geht dort weiter, wo es stehen blieb. Nichts wird doppelt gesendet.</translation>
    </message>
    <message>
        <source>Add another disc or folder …</source>
        <translation>Noch eine CD oder einen Ordner dazu …</translation>
    </message>
    <message>
        <source>There is no other disc</source>
        <translation>Es gibt keine weitere CD</translation>
    </message>
    <message>
        <source>These are my images, or I am allowed to send them.</source>
        <translation>Es sind meine Bilder, oder ich darf sie senden.</translation>
    </message>
    <message>
        <source>The images travel sealed: only the hospital can open them. They go one way: you cannot see or fetch them here afterwards.</source>
        <translation>Die Bilder reisen versiegelt: Nur die Klinik kann sie öffnen. Es ist eine Einbahnstraße: Sie können sie hier danach nicht ansehen oder zurückholen.</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>nobody named on the disc</source>
        <translation>auf der CD steht kein Name</translation>
    </message>
    <message>
        <source>date of birth unknown</source>
        <translation>Geburtsdatum unbekannt</translation>
    </message>
    <message numerus="yes">
        <source>%n examination(s)</source>
        <translation>
            <numerusform>%n Untersuchung</numerusform>
            <numerusform>%n Untersuchungen</numerusform>
        </translation>
    </message>
    <message>
        <source>“{name}”</source>
        <translation>„{name}“</translation>
    </message>
    <message numerus="yes">
        <source>from %n discs or folders: </source>
        <translation>
            <numerusform>von %n CD oder Ordner: </numerusform>
            <numerusform>von %n CDs oder Ordnern: </numerusform>
        </translation>
    </message>
    <message>
        <source>the department</source>
        <translation>die Abteilung</translation>
    </message>
    <message>
        <source>You are asked for the next disc when this one has been read.</source>
        <translation>Sie werden nach der nächsten CD gefragt, sobald diese gelesen ist.</translation>
    </message>
    <message>
        <source>This continues the transfer {day}.</source>
        <translation>Hier geht die Sendung {day} weiter.</translation>
    </message>
    <message>
        <source>Continue sending</source>
        <translation>Weiter senden</translation>
    </message>
    <message>
        <source>Send now</source>
        <translation>Jetzt senden</translation>
    </message>
    <message>
        <source>Please tick the box to send.</source>
        <translation>Bitte kreuzen Sie das Kästchen an.</translation>
    </message>
</context>
<context>
    <name>Waiting</name>
    <message>
        <source>Yes, continue it</source>
        <translation>Ja, fortsetzen</translation>
    </message>
    <message>
        <source>No, take it back</source>
        <translation>Nein, zurückziehen</translation>
    </message>
    <message>
        <source>Send something else first</source>
        <translation>Erst etwas anderes senden</translation>
    </message>
    <message>
        <source>The transfer {day} is continued.</source>
        <translation>Die Sendung {day} wird fortgesetzt.</translation>
    </message>
    <message>
        <source>Continue the transfer {day}?</source>
        <translation>Die Sendung {day} fortsetzen?</translation>
    </message>
    <message>
        <source>Put in the same disc or stick: it is recognised, and the rest is sent by itself. If it was a folder or ZIP file, choose it again.</source>
        <translation>Legen Sie dieselbe CD ein, oder stecken Sie denselben Stick ein: Er wird erkannt, und der Rest wird von selbst gesendet. War es ein Ordner oder eine ZIP-Datei, wählen Sie das noch einmal.</translation>
    </message>
    <message>
        <source>A part of it has arrived already. With the same disc, stick or folder it continues where it stopped; nothing is sent twice.</source>
        <translation>Ein Teil ist schon angekommen. Mit derselben CD, demselben Stick oder Ordner geht es dort weiter, wo es stehen blieb; nichts wird doppelt gesendet.</translation>
    </message>
    <message>
        <source>⚠  What is in the drive now is not that disc.</source>
        <translation>⚠  Was jetzt eingelegt ist, ist nicht diese CD.</translation>
    </message>
    <message>
        <source>Take the transfer back?</source>
        <translation>Sendung zurückziehen?</translation>
    </message>
    <message>
        <source>The hospital’s server then deletes what has arrived, and this computer forgets the transfer. The images on your disc stay.</source>
        <translation>Der Server der Klinik löscht dann, was angekommen ist, und dieser Computer vergisst die Sendung. Die Bilder auf Ihrer CD bleiben.</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Take it back</source>
        <translation>Zurückziehen</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Code for the help desk: {code}</source>
        <translation>Code für die Hilfe am Telefon: {code}</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Send images to a hospital</source>
        <translation>Bilder an eine Klinik senden</translation>
    </message>
    <message>
        <source>Questions? Please call {phone}</source>
        <translation>Fragen? Rufen Sie an: {phone}</translation>
    </message>
    <message>
        <source>Language: {name}</source>
        <translation>Sprache: {name}</translation>
    </message>
    <message>
        <source>Questions? {hospital}: {phone}</source>
        <translation>Fragen? {hospital}: {phone}</translation>
    </message>
    <message>
        <source>Send images</source>
        <translation>Bilder senden</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>of today</source>
        <translation>von heute</translation>
    </message>
    <message>
        <source>of yesterday</source>
        <translation>von gestern</translation>
    </message>
    <message>
        <source>of {date}</source>
        <translation>vom {date}</translation>
    </message>
    <message>
        <source>{date}, {time}</source>
        <translation>{date}, {time}</translation>
    </message>
    <message>
        <source>date unknown</source>
        <translation>Datum unbekannt</translation>
    </message>
    <message>
        <source>Working out how long it will take …</source>
        <translation>Die Dauer wird berechnet …</translation>
    </message>
    <message>
        <source>Less than a minute left</source>
        <translation>Noch weniger als eine Minute</translation>
    </message>
    <message numerus="yes">
        <source>About %n minute(s) left</source>
        <translation>
            <numerusform>Noch etwa %n Minute</numerusform>
            <numerusform>Noch etwa %n Minuten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>About %n hour(s) left</source>
        <translation>
            <numerusform>Noch etwa %n Stunde</numerusform>
            <numerusform>Noch etwa %n Stunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n image(s)</source>
        <translation>
            <numerusform>%n Bild</numerusform>
            <numerusform>%n Bilder</numerusform>
        </translation>
    </message>
    <message>
        <source>{images}, all arrived</source>
        <translation>{images}, alle angekommen</translation>
    </message>
    <message>
        <source>{images}, {arrived} of them arrived</source>
        <translation>{images}, davon {arrived} angekommen</translation>
    </message>
</context>
</TS>
