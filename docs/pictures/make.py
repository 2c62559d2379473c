"""Write the pictures of the README anew, by the table in the README.md beside this file.

    cargo build --release
    pip install Pillow
    python3 docs/pictures/make.py
"""

import io
import re
import subprocess
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
GLITCH = ROOT / "target" / "release" / "glitch"
ROW = re.compile(r"^\| `(\S+)` \| `(\S+)` \| `(\S+)` \|$", re.MULTILINE)


def glitched(fixture, recipe):
    command = [GLITCH, ROOT / "fixtures" / fixture, "--recipe", recipe, "-o", "-"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def as_jpeg(png):
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.save(out, "JPEG", quality=85, subsampling="4:4:4", optimize=True)
    return out.getvalue()


def main():
    for picture, fixture, recipe in ROW.findall((FOLDER / "README.md").read_text()):
        data = glitched(fixture, recipe)
        if Path(picture).suffix != Path(fixture).suffix:
            data = as_jpeg(data)
        (FOLDER / picture).write_bytes(data)
        print(f"{picture}: {len(data)} bytes")


if __name__ == "__main__":
    main()
