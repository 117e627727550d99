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
        <source>Open the hospital’s address file</source>
        <translation>Adressdatei der Klinik öffnen</translation>
    </message>
    <message>
        <source>Address files</source>
        <translation>Adressdateien</translation>
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
        <source>Examination {number}: {arrived} of {images} have arrived</source>
        <translation>Untersuchung {number}: {arrived} von {images} angekommen</translation>
    </message>
</context>
<context>
    <name>Medium</name>
    <message>
        <source>Where are the images?</source>
        <translation>Wo sind die Bilder?</translation>
    </message>
    <message>
        <source>Put in the CD, DVD or USB stick. It shows here by itself.</source>
        <translation>Legen Sie die CD oder DVD ein, oder stecken Sie den USB-Stick ein. Er erscheint hier von selbst.</translation>
    </message>
    <message>
        <source>Choose the same disc, stick or folder as before.</source>
        <translation>Wählen Sie dieselbe CD, denselben Stick oder Ordner wie zuvor.</translation>
    </message>
    <message>
        <source>No disc or stick has been found yet.</source>
        <translation>Noch wurde keine CD und kein Stick gefunden.</translation>
    </message>
    <message>
        <source>A disc may take half a minute to start.</source>
        <translation>Eine CD braucht manchmal eine halbe Minute, bis sie anläuft.</translation>
    </message>
    <message>
        <source>The images are somewhere else?</source>
        <translation>Die Bilder sind woanders?</translation>
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
        <source>Or drag a folder or ZIP file into this window.</source>
        <translation>Oder ziehen Sie einen Ordner oder eine ZIP-Datei in dieses Fenster.</translation>
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
        <source>Do not continue it, take it back</source>
        <translation>Nicht fortsetzen, zurückziehen</translation>
    </message>
    <message>
        <source>Go on as usual with the same disc, stick or folder: it continues where it stopped, and nothing is sent twice.</source>
        <translation>Gehen Sie wie gewohnt vor, mit derselben CD, demselben Stick oder Ordner: Es geht dort weiter, wo es stehen blieb, und nichts wird doppelt gesendet.</translation>
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
        <source>Is this the right hospital? Its letter shows this fingerprint: {fingerprint}</source>
        <translation>Ist es die richtige Klinik? In ihrem Brief steht dieser Fingerabdruck: {fingerprint}</translation>
    </message>
    <message>
        <source>Continue the transfer {day}?</source>
        <translation>Die Sendung {day} fortsetzen?</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Look up a receipt</source>
        <translation>Quittung nachsehen</translation>
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
        <source>Examinations</source>
        <translation>Untersuchungen</translation>
    </message>
    <message>
        <source>What did not arrive, and why</source>
        <translation>Was nicht angekommen ist, und warum</translation>
    </message>
    <message>
        <source>Images that have arrived</source>
        <translation>Angekommene Bilder</translation>
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
        <source>Save as PDF …</source>
        <translation>Als PDF sichern …</translation>
    </message>
    <message>
        <source>Print …</source>
        <translation>Drucken …</translation>
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
        <source>Continue now, or another day with the same disc or folder.</source>
        <translation>Setzen Sie sie jetzt fort, oder ein andermal mit derselben CD oder demselben Ordner.</translation>
    </message>
    <message>
        <source>Please bring the receipt to your appointment. With its code you can look up later what became of the images.</source>
        <translation>Bitte bringen Sie die Quittung zum Termin mit. Mit ihrem Code können Sie später nachsehen, was aus den Bildern geworden ist.</translation>
    </message>
    <message>
        <source>✓  Copied</source>
        <translation>✓  Kopiert</translation>
    </message>
    <message>
        <source>Receipt {code}.pdf</source>
        <translation>Quittung {code}.pdf</translation>
    </message>
    <message>
        <source>Save receipt as PDF</source>
        <translation>Quittung als PDF sichern</translation>
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
        <source>{what}, {date}: {arrived} of {images}</source>
        <translation>{what}, {date}: {arrived} von {images}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more; the PDF names all of them</source>
        <translation>
            <numerusform>und %n weitere; das PDF nennt alle</numerusform>
            <numerusform>und %n weitere; das PDF nennt alle</numerusform>
        </translation>
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
        <source>There are no images here</source>
        <translation>Hier sind keine Bilder</translation>
    </message>
    <message>
        <source>There is nothing here that could be sent.</source>
        <translation>Hier ist nichts, was gesendet werden könnte.</translation>
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
        <source>What should happen with the images?</source>
        <translation>Was soll mit den Bildern geschehen?</translation>
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
    <message numerus="yes">
        <source>%n examination(s)</source>
        <translation>
            <numerusform>%n Untersuchung</numerusform>
            <numerusform>%n Untersuchungen</numerusform>
        </translation>
    </message>
    <message>
        <source>the department</source>
        <translation>die Abteilung</translation>
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
    <name>Window</name>
    <message>
        <source>Code for the help desk: {code}</source>
        <translation>Code für die Hilfe am Telefon: {code}</translation>
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
</context>
</TS>
