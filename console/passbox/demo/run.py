"""The demo on one screen: make a disc and a hospital, send, look, forward, compare, print."""

import contextlib
import json
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from passbox.demo.blindness import see_what_the_dmz_saw
from passbox.demo.comparison import Comparison, compare
from passbox.demo.disc import make_disc
from passbox.demo.journey import Observed, mail_text, travel
from passbox.demo.journey import Progress as JourneyProgress
from passbox.demo.originals import Originals
from passbox.demo.readback import PacsAddress
from passbox.demo.reader import ReadFile, read_medium
from passbox.demo.stage import Stage, running_stage
from passbox.demo.table import Summary
from passbox.errors import DemoFailed
from passbox_client.errors import ClientError
from passbox_client.found import ScanResult
from passbox_client.progress import ScanProgress
from passbox_client.scan import scan

_FAILED: Final = 1


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `passbox demo`."""

    once: bool = False
    media: Path | None = None
    json_file: Path | None = None
    pacs: PacsAddress | None = None
    ohif: Path | None = None


def run(options: Options) -> int:
    """Run the demo; return 0 only when every image arrived byte-exact and all words were right."""
    screen = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="passbox-demo-") as name, _polite_end():
        folder = Path(name)
        try:
            return _run(options, folder, screen)
        except DemoFailed as error:
            screen.print(f"[red]The demo failed.[/red] {escape(str(error))}")
        except ClientError as error:
            from passbox.client_commands import sentences_for

            screen.print(f"[red]Not sent.[/red] {escape(sentences_for(error, None))}")
            return int(error.exit_code)
    return _FAILED


def _run(options: Options, folder: Path, screen: Console) -> int:
    media = options.media or make_disc(folder / "disc")
    screen.print(
        f"[bold]1[/bold] Reading {escape(str(media))}, starting a hospital on this machine …"
    )
    on_medium = read_medium(media)
    with running_stage(folder, options.pacs, options.ohif) as stage, _bars(screen) as bars:
        scanned = _scan(media, bars)
        originals = Originals(media, folder / "originals")
        observed = _travel(stage, scanned, originals, bars, folder)
        waiting = bars.add_task("looking into the DMZ", total=None)
        sight = see_what_the_dmz_saw(stage, folder)
        bars.remove_task(waiting)
        summary = Summary(scanned, observed, _compare(scanned, observed, on_medium), sight)
        bars.stop()
        _show(screen, summary)
        if options.json_file:
            text = json.dumps(summary.to_json(), ensure_ascii=False, indent=1)
            options.json_file.write_text(text + "\n", "utf-8")
        if not options.once:
            _stay(screen, stage, observed.link)
    return 0 if summary.all_is_well else _FAILED


def _scan(media: Path, bars: Progress) -> ScanResult:
    task = bars.add_task("files read", total=None)

    def tell(progress: ScanProgress) -> None:
        bars.update(task, completed=progress.files)

    scanned = scan(media, tell)
    bars.update(task, completed=scanned.files, total=scanned.files)
    return scanned


def _travel(
    stage: Stage, scanned: ScanResult, originals: Originals, bars: Progress, folder: Path
) -> Observed:
    found = len(scanned.found)
    sent = bars.add_task("files sent", total=found + len(scanned.attached))
    stored = bars.add_task("images delivered", total=found)
    proved = bars.add_task("images in the PACS", total=found)

    def tell(progress: JourneyProgress) -> None:
        if progress.sent is not None:
            bars.update(sent, completed=progress.sent.files, total=progress.sent.files_total)
        bars.update(stored, completed=progress.stored)
        bars.update(proved, completed=progress.in_pacs)

    return travel(stage, scanned, originals.paths(scanned), tell, folder / "sender")


def _compare(scanned: ScanResult, observed: Observed, on_medium: dict[str, ReadFile]) -> Comparison:
    stored: dict[str, set[bytes]] = {}
    for instance in observed.stored:
        stored.setdefault(instance.sop_instance_uid, set()).add(instance.data_set_sha256)
    return compare(
        {file.path: file.sop_instance_uid for file in scanned.found},
        on_medium,
        observed.checked,
        {uid: frozenset(hashes) for uid, hashes in stored.items()},
        frozenset(held.sop_instance_uid for held in observed.held),
        observed.equal_in_pacs,
    )


@contextlib.contextmanager
def _bars(screen: Console) -> Iterator[Progress]:
    columns = (
        TextColumn("  {task.description:20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen) as bars:
        yield bars


def _show(screen: Console, summary: Summary) -> None:
    mail = summary.observed.mail
    if mail is not None:
        head = f"From: {mail['From']}\nTo: {mail['To']}\nSubject: {mail['Subject']}\n\n"
        text = escape(head + mail_text(mail).strip())
        screen.print(Panel(text, title="the mail that went out", title_align="left"))
    screen.print(summary.table())
    if summary.observed.link:
        screen.print(f"Look at the images: {escape(summary.observed.link)}", soft_wrap=True)


def _stay(screen: Console, stage: Stage, link: str) -> None:
    if link:
        screen.print("All programs keep running. Ctrl-C ends them and removes everything.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            stage.programs.check_alive()
            time.sleep(1)


@contextlib.contextmanager
def _polite_end() -> Iterator[None]:
    """Let SIGTERM end the demo as Ctrl-C does, so that no program is left behind."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        yield
