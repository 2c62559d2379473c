"""Writes a photograph of about 8 MB: one of the fixtures, enlarged, with the noise of a sensor."""
import random
import sys

from PIL import Image

source, target = sys.argv[1:]
size = (4000, 4000)
photo = Image.open(source).convert("RGB").resize(size, Image.Resampling.BICUBIC)
noise = Image.frombytes("RGB", size, random.Random(7).randbytes(3 * size[0] * size[1]))
Image.blend(photo, noise, 0.2).save(target, quality=93)
