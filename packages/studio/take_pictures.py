"""Takes the pictures of docs/studio.md: the page with the sample clip, on a desk and on a phone.

    affekt studio --port 7860 --token T &
    python packages/studio/take_pictures.py "http://127.0.0.1:7860/?token=T"

and those of the page of a Gradio Space:

    affekt studio space DIR --kind gradio && python DIR/app.py &
    python packages/studio/take_pictures.py http://127.0.0.1:7860 --space

needs Chromium, playwright and Pillow.
"""

import io
import shutil
import sys
from importlib.resources import files
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
CLIP = Path(str(files("affekt_cli") / "sample/white_house_statement_2015.mp4"))
VIEWS = {"": (1200, 900, "light"), "-phone": (390, 844, "dark")}
"""What is added to a picture's name → width, height and scheme."""
MOST = {True: 1.14, False: 4.5}
"""Whether it is a desk → the most of a picture's height over its width."""
PATIENCE = 600_000
"""Milliseconds; the first analysis loads all models."""


def main(address: str, space: bool) -> None:
    """Uploads the clip once, and draws its result at both widths."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(device_scale_factor=1.5).new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        (upload_to_space if space else upload_to_studio)(page)
        for name, (width, height, scheme) in VIEWS.items():
            most = round(MOST[width > 600] * width)
            # A frame that is not in view is not painted.
            page.set_viewport_size({"width": width, "height": most if space else height})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(4000 if space else 1000)
            drawn = Image.open(io.BytesIO(page.screenshot() if space else page.locator("#result").screenshot()))
            file = IMAGES / f"{'space' if space else 'studio'}{name}.webp"
            lowest = min(drawn.height, round(MOST[width > 600] * drawn.width))
            drawn.crop((0, 0, drawn.width, lowest)).save(file, quality=70, method=6)
        browser.close()


def upload_to_studio(page: Page) -> None:
    """Uploads the clip, waits for its result and moves the player."""
    page.wait_for_selector("body[data-ready]")
    page.set_input_files("#files", CLIP)
    page.click("#upload button[type=submit]")
    page.wait_for_selector("body[data-shown]")
    page.evaluate("document.querySelector('#player').currentTime = 4")


def upload_to_space(page: Page) -> None:
    """Uploads the clip, and waits for its report."""
    page.locator("input[type=file]").first.set_input_files(CLIP)
    page.wait_for_selector("video")
    page.get_by_role("button", name="Analyse the video").click()
    page.wait_for_selector("iframe.report")


if __name__ == "__main__":
    main(sys.argv[1], "--space" in sys.argv[2:])
