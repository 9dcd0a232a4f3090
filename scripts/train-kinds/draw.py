"""Draws pictures of the eight kinds that the bundled model tells apart. Everything is made from random numbers and fonts of the system.

Run as `python3 draw.py FILE.png`, it writes a sheet with a dozen of each.
"""

import random
import sys

import numpy as np
from PIL import Image

from drawing.blank_or_noise import blank_or_noise
from drawing.chart import chart
from drawing.handled import handled
from drawing.line_drawing import line_drawing
from drawing.pages import form_or_receipt, table, text_document
from drawing.photograph import photograph
from drawing.screenshot import screenshot

DRAW = {
    "text document": text_document,
    "form or receipt": form_or_receipt,
    "table": table,
    "chart": chart,
    "line drawing": line_drawing,
    "screenshot": screenshot,
    "photograph": photograph,
    "blank or noise": blank_or_noise,
}
KINDS = list(DRAW)
ON_PAPER = {"text document", "form or receipt", "table", "chart", "line drawing"}
SIDE = 128


def example(seed):
    """The picture of a seed as the network sees it, and the place of its kind."""
    rng = random.Random(seed)
    at = seed % len(KINDS)
    kind = KINDS[at]
    picture = handled(DRAW[kind](rng), rng, is_page=kind in ON_PAPER, may_be_cut=kind != "blank or noise")
    return np.asarray(picture.convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)), at


def sheet(columns=12):
    page = Image.new("RGB", (SIDE * columns, SIDE * len(KINDS)))
    for seed in range(columns * len(KINDS)):
        picture, row = example(seed)
        page.paste(Image.fromarray(picture), (seed // len(KINDS) * SIDE, row * SIDE))
    return page


if __name__ == "__main__":
    sheet().save(sys.argv[1])
