"""`concordat portfolios`: play the reference portfolios and say what held."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from launcher.api import Api
from launcher.portfolio import library_folder
from launcher.portfolios.document import read_system, systems
from launcher.portfolios.platform import own_platform
from launcher.portfolios.play import Play
from launcher.secrets import kept_secret
from launcher.up import PLATFORM


def play_portfolios(names: Sequence[str], url: str | None, secret_file: Path, console: Console) -> int:
    """Play portfolios (all there are, if none is named), print what held, and return how many lines did not.

    Raises StartRefused if a document cannot be read, or the platform cannot be reached.
    """
    library = library_folder()
    played = [read_system(library / "portfolios" / name) for name in names or systems(library)]
    with _platform(url, secret_file, console) as platform:
        return sum(_show(Play(system, library, platform), system.document.name, console) for system in played)


@contextmanager
def _platform(url: str | None, secret_file: Path, console: Console) -> Iterator[Api]:
    if url is None:
        with own_platform(console) as api:
            yield api
    else:
        yield Api(url, PLATFORM, kept_secret(secret_file))


def _show(play: Play, name: str, console: Console) -> int:
    console.print(f"\n{name}", style="bold", markup=False, highlight=False)
    heading, troubles = "", 0
    for outcome in play.outcomes():
        if outcome.chapter != heading:
            heading = outcome.chapter
            console.print(f"  {heading}", markup=False, highlight=False, soft_wrap=True)
        troubles += bool(outcome.trouble)
        sign, style = ("NOT HELD", "red") if outcome.trouble else ("held", None)
        said = f"    {sign:<9}{outcome.words}" + (f": {outcome.trouble}" if outcome.trouble else "")
        console.print(said, style=style, markup=False, highlight=False, soft_wrap=True)
    return troubles
