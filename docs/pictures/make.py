"""Write the pictures of the README anew, by the table and the commands in the README.md beside this
file, and those of docs/passes.md, by the commands there.

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
PASSES = ROOT / "docs" / "passes.md"
WIDTH = 256
COMMAND = re.compile(r"^glitch fixtures/(\S+) --recipe (\S+) -o (\S+)$", re.MULTILINE)
SHEET = re.compile(r"^    glitch sheet fixtures/(\S+) (.+) -o (\S+)$", re.MULTILINE)
ROW = re.compile(r"^\| `(\S+)` \| `(\S+)` \| `(\S+)` \|$", re.MULTILINE)


def glitched(fixture, recipe):
    command = [GLITCH, ROOT / "fixtures" / fixture, "--recipe", recipe, "-o", "-"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def as_jpeg(data, width=None):
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    if width:
        height = round(picture.height * width / picture.width)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    picture.save(out, "JPEG", quality=85, subsampling="4:4:4", optimize=True)
    return out.getvalue()


def write(path, data):
    path.write_bytes(data)
    print(f"{path.name}: {len(data)} bytes")


def main():
    for picture, fixture, recipe in ROW.findall((FOLDER / "README.md").read_text()):
        data = glitched(fixture, recipe)
        if Path(picture).suffix != Path(fixture).suffix:
            data = as_jpeg(data)
        write(FOLDER / picture, data)
    for fixture, options, picture in SHEET.findall((FOLDER / "README.md").read_text()):
        command = [GLITCH, "sheet", ROOT / "fixtures" / fixture, *options.split(), "--force", "-q"]
        subprocess.run([*command, "-o", FOLDER / picture], check=True)
        print(f"{picture}: {(FOLDER / picture).stat().st_size} bytes")
    for fixture, recipe, result in COMMAND.findall(PASSES.read_text()):
        name = Path(result).with_suffix(".jpg")
        write(FOLDER / "passes" / name, as_jpeg(glitched(fixture, recipe), WIDTH))


if __name__ == "__main__":
    main()
