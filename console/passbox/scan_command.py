"""`passbox scan`: the disc doctor. Needs no hospital, no profile and no connection."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from passbox.scan_report import print_scan, scan_json
from passbox.scan_words import words_of
from passbox.speaking import (
    USAGE,
    JsonOption,
    Language,
    LanguageOption,
    errors,
    language_of_this_computer,
    say,
    say_json,
)

if TYPE_CHECKING:
    from passbox_client.errors import ClientError
    from passbox_client.found import ScanResult
    from passbox_client.progress import ScanProgress

_Path = Annotated[Path, typer.Argument(help="A disc drive, a folder or a ZIP file.")]
_Html = Annotated[
    Path | None,
    typer.Option("--html", help="Write the report as one page to this file, with pictures."),
]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        envvar="PASSBOX_ZIP_PASSWORD",
        show_envvar=True,
        help="Opens ZIP files that want one. Other users of this computer may see what is typed.",
    ),
]


def scan(
    path: _Path,
    *,
    as_json: JsonOption = False,
    html: _Html = None,
    password: PasswordOption = None,
    lang: LanguageOption = None,
) -> None:
    """Say what is on a disc: patients, studies, what is missing and what is odd.

    Needs no profile and no connection, and changes nothing on the disc. Exit code 0 if there are
    images, 3 if there are none or the disc cannot be read.
    """
    from passbox_client.errors import ClientError, ExitCode
    from passbox_client.review import refuse_nothing
    from passbox_client.scan import scan as scan_medium

    language = lang or language_of_this_computer()
    try:
        with _Showing(language) as showing:
            result = scan_medium(
                path, showing.tell, password=password, when_gone=showing.ask_for_medium
            )
        if as_json:
            say_json(scan_json(result, language))
        else:
            print_scan(result, language)
        if html is not None:
            _write_page(result, html, password, language)
        if not result.has_images:
            refuse_nothing(result)
    except ClientError as error:
        raise _told(error, language) from error
    if not result.finished:
        raise typer.Exit(ExitCode.MEDIUM)


def _told(error: "ClientError", language: Language) -> typer.Exit:
    from passbox_client import sentences

    say(str(sentences.of_error(error, language)))
    return typer.Exit(error.exit_code)


def _write_page(result: "ScanResult", html: Path, password: str | None, language: Language) -> None:
    from passbox.scan_page import scan_page
    from passbox_client.thumbnails import thumbnails

    pictures = dict(thumbnails(result, password=password))
    made = dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    page = scan_page(result, pictures, language, made)
    try:
        html.write_text(page, "utf-8", errors="replace")
    except OSError as error:
        say(words_of(language).page_failed.format(error.strerror))
        raise typer.Exit(USAGE) from error
    say(words_of(language).page_written.format(html))


class _Showing:
    """A bar and each study as it comes, on standard error; nothing where that is no terminal."""

    def __init__(self, language: Language) -> None:
        self._words = words_of(language)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._task = self._progress.add_task(self._words.files, total=None)

    def tell(self, progress: "ScanProgress") -> None:
        """Show how far the scan has come, and studies that came up."""
        for patient, study in progress.new_studies:
            if errors.is_terminal:
                line = f"{self._words.patient(patient)}: {self._words.study(study)}"
                self._progress.console.print(line, markup=False, soft_wrap=True)
        self._progress.update(
            self._task,
            description=f"{progress.files} {self._words.files}",
            completed=progress.bytes,
            total=progress.bytes_total,
        )

    def ask_for_medium(self) -> bool:
        """Ask for the medium that was taken out; without a person the answer is no."""
        if not (sys.stdin.isatty() and errors.is_terminal):
            return False
        self._progress.stop()
        answer = errors.input(self._words.insert_again, markup=False)
        self._progress.start()
        return not answer.strip()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
