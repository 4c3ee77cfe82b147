"""Takes the pictures of the documentation: real pages of real commands on the sample clip, drawn by headless Chromium.

    hatch run hatch-test.py3.11:python docs/take_pictures.py

needs Chromium, a folder of its own for what the commands write, and several minutes on two cores.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from PIL import Image, ImageChops

IMAGES = Path(__file__).resolve().parent / "images"
CLIP = Path(str(files("affekt_cli") / "sample/white_house_statement_2015.mp4"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
MOST_BYTES = 150_000
SPEECH = ["--emotion", "happy", "--emotion", "sad", "--sentences", "1", "--intensities", "1"]
SPEECH += ["--fitting", "0", "--attempts", "1"]


@dataclass(frozen=True)
class Picture:
    """A part of a page, drawn at twice its size so that it stays sharp."""

    name: str
    page: str
    shown: str
    """A CSS rule that hides the rest of the page."""
    width: int = 800


PICTURES = (
    Picture("report", "report.html", "main > :not(header, .verdict) { display: none }"),
    Picture("timeline", "report.html", "main > :not(section:nth-of-type(2)) { display: none }", width=1100),
    Picture("listening", "speech/listen.html", "section.pair:nth-of-type(n + 3), footer { display: none }"),
)


def main() -> None:
    """Runs the commands, draws their pages and stores the pictures."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"pictures need a browser: none of {', '.join(BROWSERS)} was found\nTry: apt-get install chromium")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _affekt("analyze", str(CLIP), "--html", str(folder / "report.html"))
        _affekt("bench", "speech", *SPEECH, "-o", str(folder / "speech"))
        for picture in PICTURES:
            _store(picture, _drawn(picture, folder, browser))


def _affekt(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "affekt_cli", *arguments], check=True)


def _drawn(picture: Picture, folder: Path, browser: str) -> Image.Image:
    """The shown part of a page, without the empty space below it."""
    whole = (folder / picture.page).read_text(encoding="utf-8")
    page = (folder / picture.page).with_name(f"{picture.name}.part.html")
    page.write_text(whole.replace("</head>", f"<style>{picture.shown}</style></head>"), encoding="utf-8")
    shot = folder / f"{picture.name}.png"
    command = [browser, "--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
    command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    command += [f"--user-data-dir={folder / 'browser'}", "--force-device-scale-factor=2"]
    command += [f"--window-size={picture.width},2000", f"--screenshot={shot}", page.as_uri()]
    if sys.platform == "linux":
        command.insert(1, "--no-sandbox")  # the page is our own, and containers run as root
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with Image.open(shot) as drawn:
        image = drawn.convert("RGB")
    empty = Image.new("RGB", image.size, image.getpixel((image.width - 1, image.height - 1)))
    box = ImageChops.difference(image, empty).getbbox()
    if box is None:
        sys.exit(f"{picture.page} shows nothing under the rule {picture.shown!r}")
    return image.crop((0, 0, image.width, min(box[3] + 24, image.height)))


def _store(picture: Picture, image: Image.Image) -> None:
    path = IMAGES / f"{picture.name}.webp"
    image.save(path, quality=82, method=6)
    print(f"{path.name}: {image.width} × {image.height}, {path.stat().st_size / 1000:.0f} kB")
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name} is larger than {MOST_BYTES / 1000:.0f} kB\nTry: a narrower part of the page")


if __name__ == "__main__":
    main()
