"""Takes the pictures of docs/studio.md: the page with the sample clip, on a desk and on a phone.

    affekt studio --port 7860 --token T &
    python packages/studio/take_pictures.py "http://127.0.0.1:7860/?token=T"

needs Chromium, playwright and Pillow.
"""

import io
import shutil
import sys
from importlib.resources import files
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
CLIP = Path(str(files("affekt_cli") / "sample/white_house_statement_2015.mp4"))
VIEWS = {"studio": (1200, 900, "light"), "studio-phone": (390, 844, "dark")}
PATIENCE = 600_000
"""Milliseconds; the first analysis loads all models."""


def main(address: str) -> None:
    """Uploads the clip once, and draws its result at both widths."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(device_scale_factor=1.5).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        page.set_input_files("#files", CLIP)
        page.click("#upload button[type=submit]")
        page.wait_for_selector("body[data-shown]")
        page.evaluate("document.querySelector('#player').currentTime = 4")
        for name, (width, height, scheme) in VIEWS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(1000)
            drawn = Image.open(io.BytesIO(page.locator("#result").screenshot()))
            most = round(1.14 * drawn.width) if width > 600 else round(4.5 * drawn.width)
            drawn.crop((0, 0, drawn.width, min(drawn.height, most))).save(IMAGES / f"{name}.webp", quality=70, method=6)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
