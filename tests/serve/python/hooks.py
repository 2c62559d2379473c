"""Gives schemathesis real pictures to send: of the words of a schema alone nobody makes a JPEG."""

import pathlib

import schemathesis
from hypothesis import strategies

FIXTURES = pathlib.Path(__file__).parents[3] / "fixtures"


def pictures(*names):
    return strategies.sampled_from([(FIXTURES / name).read_bytes() for name in names])


jpeg = pictures("portrait.jpg", "portrait-progressive.jpg")
png = pictures("cat.png")
schemathesis.openapi.media_type("image/jpeg", jpeg)
schemathesis.openapi.media_type("image/png", png)
schemathesis.openapi.media_type("application/octet-stream", jpeg | png | strategies.binary())
