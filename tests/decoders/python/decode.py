"""Decodes the files named on standard input with Pillow, every frame of an animation too, with
warnings as errors; the protocol is in tests/decoders/lines.rs."""

import json
import sys
import warnings

from PIL import Image, ImageFile


def rgba(picture):
    """The samples as 8-bit R, G, B, A; of 16 bits the high byte."""
    if picture.mode.startswith("I;16"):
        high = picture.tobytes()[0::2] if picture.mode.endswith("B") else picture.tobytes()[1::2]
        picture = Image.frombytes("L", picture.size, high)
    return picture.convert("RGBA").tobytes()


def judge(file, pixels):
    try:
        with Image.open(file) as picture:
            for frame in range(getattr(picture, "n_frames", 1)):
                picture.seek(frame)
                picture.load()
                if frame == 0:
                    first = rgba(picture)
            width, height = picture.size
    except Exception as error:  # whatever it raises is its verdict on the file
        return {"clean": False, "words": f"{type(error).__name__}: {error}"}
    with open(pixels, "wb") as out:
        out.write(first)
    return {"clean": True, "words": "", "width": width, "height": height}


warnings.simplefilter("error")
ImageFile.LOAD_TRUNCATED_IMAGES = False
for line in sys.stdin:
    print(json.dumps(judge(*line.rstrip("\n").split("\t"))), flush=True)
