"""What the download page says, in the sender's words; nothing here knows about HTML."""

from dataclasses import dataclass
from typing import Final

from passbox.site.release import System
from passbox.speaking import Language


@dataclass(frozen=True, slots=True)
class SiteWords:
    """The page in one language; braces are filled in by the page, ` stand around what is typed."""

    other_language: str
    skip: str
    title: str
    lead: str
    call: str
    steps_title: str
    steps: tuple[str, ...]
    download_title: str
    download: str
    opening: dict[System, str]
    machines: dict[str, str]
    experts: str
    one_file: str
    none_yet: str
    size: str
    publisher: str
    checksum: str
    signature: str
    warning_title: str
    check_title: str
    check_lead: str
    check: dict[System, tuple[str, str, str]]
    warning: str
    card_title: str
    card_text: str
    card_download: str
    fingerprint: str
    images_title: str
    one_way: str
    receipt_title: str
    receipt: str
    contact_title: str
    contact: str
    accessibility: str


_DE: Final = SiteWords(
    other_language="English",
    skip="Zum Inhalt",
    title="Bilder an {hospital} senden",
    lead=(
        "Mit diesem Programm senden Sie Röntgen-, CT- und MRT-Bilder von CD, DVD, USB-Stick oder "
        "aus einem Ordner an {hospital}. Sie brauchen keine Anmeldung und kein Kennwort."
    ),
    call="Fragen? Rufen Sie an:",
    steps_title="So geht es",
    steps=(
        (
            "Laden Sie das Programm für Ihren Computer. Es muss nicht installiert werden. "
            "Auf Telefon oder Tablet läuft es nicht."
        ),
        "Öffnen Sie es und legen Sie die CD ein, oder wählen Sie den Ordner mit den Bildern.",
        (
            "Prüfen Sie den Namen auf dem Bildschirm und senden Sie. "
            "Am Ende erhalten Sie einen Beleg der Klinik."
        ),
    ),
    download_title="Programm laden",
    download="Für {system} laden",
    opening={
        System.WINDOWS: (
            "Danach: Klicken Sie mit der rechten Maustaste auf die geladene Datei, wählen Sie "
            "„Alle extrahieren“, und öffnen Sie im neuen Ordner „{program}“ mit einem Doppelklick."
        ),
        System.MACOS: (
            "Danach: Öffnen Sie die geladene Datei, dann „{program}“ mit einem Doppelklick."
        ),
        System.LINUX: (
            "Danach: Entpacken Sie die geladene Datei, und starten Sie im neuen Ordner „{program}“."
        ),
    },
    machines={
        "x86_64": "Intel oder AMD, 64 Bit",
        "arm64": "ARM (bei Apple: M1 und neuer)",
        "universal2": "Intel und Apple M1 und neuer",
    },
    experts="Für Fachleute: Prüfsumme, Unterschrift",
    one_file="Als einzelne Datei (startet langsamer)",
    none_yet="Für dieses System gibt es hier noch kein Programm. Bitte rufen Sie an.",
    size="Größe",
    publisher="Herausgeber",
    checksum="Prüfsumme (SHA-256)",
    signature="Unterschrift zur Datei",
    check_title="Ist das Programm echt? In drei Schritten geprüft",
    check_lead="Wer sicher sein will, dass unterwegs niemand das Programm verändert hat:",
    check={
        System.WINDOWS: (
            (
                "Klicken Sie mit der rechten Maustaste auf die geladene Datei (aus dem entpackten "
                "Ordner: {program}.exe) und wählen Sie „Eigenschaften“."
            ),
            "Wählen Sie „Digitale Signaturen“, den Eintrag in der Liste und dann „Details“.",
            "Dort muss stehen „Diese digitale Signatur ist gültig“, und als Name: {publisher}.",
        ),
        System.MACOS: (
            "Öffnen Sie die geladene Datei und dann das Programm „Terminal“.",
            'Geben Sie ein: `spctl -a -vv "/Volumes/{program}/{program}.app"`',
            "Dort muss stehen „accepted“, und als Name: {publisher}.",
        ),
        System.LINUX: (
            (
                "Laden Sie Programm, Unterschrift (.sig) und den Schlüssel release.pub in einen "
                "Ordner und öffnen Sie dort ein Terminal."
            ),
            (
                "Geben Sie ein: `openssl pkeyutl -verify -pubin -inkey release.pub -rawin "
                "-in {name} -sigfile {name}.sig`"
            ),
            "Dort muss stehen „Signature Verified Successfully“.",
        ),
    },
    warning_title="Windows warnt vor dem Programm?",
    warning=(
        "Windows zeigt bei neuen Programmen manchmal „Der Computer wurde durch Windows "
        "geschützt“. Unter „Weitere Informationen“ steht der Herausgeber: Stimmt er mit dem hier "
        "genannten überein, können Sie „Trotzdem ausführen“ wählen. Stimmt er nicht, rufen Sie an."
    ),
    card_title="Die Adresse der Klinik",
    card_text=(
        "Das Programm kennt die Klinik aus dieser kleinen Datei. Fragt es danach, öffnen Sie sie. "
        "Vergleichen Sie den Fingerabdruck, den das Programm zeigt, mit dem in Ihrem Brief:"
    ),
    card_download="Adressdatei laden",
    fingerprint="Fingerabdruck",
    images_title="Was mit den Bildern geschieht",
    one_way=(
        "Dies ist eine Einbahnstraße: Über diesen Weg kann niemand Bilder ansehen oder "
        "herunterladen, auch Sie nicht."
    ),
    receipt_title="Ist meine Sendung angekommen?",
    receipt=(
        "Das sagt Ihnen das Programm mit der Nummer auf Ihrem Beleg. Geben Sie diese Nummer auf "
        "keiner Internetseite ein, und geben Sie sie niemandem weiter."
    ),
    contact_title="Kontakt",
    contact="Telefon",
    accessibility=(
        "Diese Seite ist mit Tastatur und Bildschirmleser bedienbar und braucht kein Skript. "
        "Hindert Sie etwas, rufen Sie bitte an."
    ),
)

_EN: Final = SiteWords(
    other_language="Deutsch",
    skip="Skip to content",
    title="Send images to {hospital}",
    lead=(
        "With this program you send X-ray, CT and MR images from a CD, DVD, USB stick or folder "
        "to {hospital}. You need no account and no password."
    ),
    call="Questions? Call us:",
    steps_title="How it works",
    steps=(
        (
            "Download the program for your computer. Nothing has to be installed. "
            "It does not run on a phone or tablet."
        ),
        "Open it and insert the CD, or choose the folder with the images.",
        "Check the name on the screen and send. At the end you get the hospital's receipt.",
    ),
    download_title="Download the program",
    download="Download for {system}",
    opening={
        System.WINDOWS: (
            "Then: right-click the downloaded file, choose “Extract All”, and double-click "
            "“{program}” in the new folder."
        ),
        System.MACOS: "Then: open the downloaded file and double-click “{program}”.",
        System.LINUX: "Then: unpack the downloaded file, and start “{program}” in the new folder.",
    },
    machines={
        "x86_64": "Intel or AMD, 64 bit",
        "arm64": "ARM (Apple: M1 and newer)",
        "universal2": "Intel, and Apple M1 and newer",
    },
    experts="For IT: checksum, signature",
    one_file="As a single file (starts more slowly)",
    none_yet="There is no program for this system here yet. Please call us.",
    size="Size",
    publisher="Publisher",
    checksum="Checksum (SHA-256)",
    signature="Signature of the file",
    check_title="Is the program genuine? Checked in three steps",
    check_lead="If you want to be sure that nobody changed the program on its way:",
    check={
        System.WINDOWS: (
            (
                "Right-click the downloaded file (from the unpacked folder: {program}.exe) and "
                "choose “Properties”."
            ),
            "Choose “Digital Signatures”, the entry in the list, and then “Details”.",
            "It must say “This digital signature is OK”, and as name: {publisher}.",
        ),
        System.MACOS: (
            "Open the downloaded file, and then the program “Terminal”.",
            'Type: `spctl -a -vv "/Volumes/{program}/{program}.app"`',
            "It must say “accepted”, and as name: {publisher}.",
        ),
        System.LINUX: (
            (
                "Download program, signature (.sig) and the key release.pub into one folder and "
                "open a terminal there."
            ),
            (
                "Type: `openssl pkeyutl -verify -pubin -inkey release.pub -rawin "
                "-in {name} -sigfile {name}.sig`"
            ),
            "It must say “Signature Verified Successfully”.",
        ),
    },
    warning_title="Does Windows warn of the program?",
    warning=(
        "For new programs Windows sometimes says “Windows protected your PC”. “More info” names "
        "the publisher: if it is the one named here, you can choose “Run anyway”. If it is "
        "not, call us."
    ),
    card_title="The hospital's address",
    card_text=(
        "The program knows the hospital from this small file. If it asks for it, open it. Compare "
        "the fingerprint that the program shows with the one in your letter:"
    ),
    card_download="Download the address file",
    fingerprint="Fingerprint",
    images_title="What happens to the images",
    one_way=(
        "This is a one-way street: nobody can look at or download images this way, nor can you."
    ),
    receipt_title="Has my transfer arrived?",
    receipt=(
        "The program tells you, with the number on your receipt. Do not type this number into any "
        "web page, and give it to nobody."
    ),
    contact_title="Contact",
    contact="Telephone",
    accessibility=(
        "This page works with keyboard and screen reader and needs no script. If anything is in "
        "your way, please call us."
    ),
)

_BY_LANGUAGE: Final = {Language.GERMAN: _DE, Language.ENGLISH: _EN}
SYSTEM_NAMES: Final = {System.WINDOWS: "Windows", System.MACOS: "macOS", System.LINUX: "Linux"}


def words_in(language: Language) -> SiteWords:
    """Return the page's words."""
    return _BY_LANGUAGE[language]


def megabytes(size: int, language: Language) -> str:
    """Return a size in MB (10^6 bytes) as the language writes it."""
    text = f"{size / 1e6:.1f} MB"
    return text.replace(".", ",") if language is Language.GERMAN else text
