"""What happens to pictures on their way: laid on a table, turned, cut, in shadow, in black and white, blurred, compressed."""

import io

import numpy as np
from PIL import Image, ImageFilter

from .ink import cloud, noise_of, picture_of
from .photograph import photograph


def handled(picture, rng, is_page, may_be_cut):
    if is_page:
        picture = as_paper(picture, rng)
    if may_be_cut and rng.random() < 0.3:
        left, top = rng.uniform(0, 0.2) * picture.width, rng.uniform(0, 0.2) * picture.height
        right, bottom = picture.width * rng.uniform(0.8, 1), picture.height * rng.uniform(0.8, 1)
        picture = picture.crop((int(left), int(top), int(right), int(bottom)))
    if is_page and rng.random() < 0.15:
        picture = picture.convert("L").point(lambda value: 255 if value > 140 else 0).convert("RGB")
    elif rng.random() < 0.15:
        picture = picture.convert("L").convert("RGB")
    if rng.random() < 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.6)))
    if rng.random() < 0.2:
        grain = noise_of(rng).normal(0, rng.uniform(2, 14), (picture.height, picture.width, 1))
        picture = picture_of(np.asarray(picture) + grain)
    if rng.random() < 0.3:
        store = io.BytesIO()
        picture.save(store, "JPEG", quality=rng.randint(15, 85))
        picture = Image.open(store).convert("RGB")
    return picture


def as_paper(picture, rng):
    """A sheet under a scanner or a camera."""
    kind = rng.random()
    if kind < 0.15:
        picture = on_a_table(picture, rng)
    elif kind < 0.45:
        picture = picture.rotate(rng.gauss(0, 3), Image.BILINEAR, expand=rng.random() < 0.5, fillcolor=picture.getpixel((0, 0)))
    if rng.random() < 0.08:
        picture = picture.transpose(rng.choice([Image.ROTATE_90, Image.ROTATE_180, Image.ROTATE_270]))
    if rng.random() < 0.25:
        shade = cloud(rng, picture.width, picture.height, 0.25)[..., None] * rng.uniform(0.1, 0.55)
        warm = np.array([1, rng.uniform(0.9, 1), rng.uniform(0.75, 1)])
        picture = picture_of(np.asarray(picture) * (1 - shade) * warm)
    return picture


def on_a_table(picture, rng):
    turned = picture.convert("RGBA").rotate(rng.gauss(0, 5), Image.BILINEAR, expand=True)
    table = photograph(rng).resize([side + side // rng.randint(6, 40) for side in turned.size])
    table.paste(turned, [(outer - inner) // 2 for outer, inner in zip(table.size, turned.size)], turned)
    return table
