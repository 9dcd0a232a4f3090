"""What every drawing is made with: paper, ink, colours, words and noise, all from one random generator."""

from colorsys import hsv_to_rgb
from functools import lru_cache
from glob import glob

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = sorted(
    path
    for pattern in ("/usr/share/fonts/truetype/dejavu/*.ttf", "/usr/share/fonts/truetype/liberation*/*.ttf")
    for path in glob(pattern)
    if "Math" not in path
)
LATIN = "eeeeeeettttaaaaooooiiinnnsssrrrhhhlldddccuummppffggwwyybbvkxjqz"
CYRILLIC = "оооееааииннттссррввлкмдпуяыьгзбчйхжшю"
WORD_LENGTHS = [1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 10]


@lru_cache(maxsize=512)
def font(path, size):
    return ImageFont.truetype(path, size)


def a_font(rng, size):
    return font(rng.choice(FONTS), max(5, int(size)))


def word(rng, letters=LATIN):
    text = "".join(rng.choice(letters) for _ in range(rng.choice(WORD_LENGTHS)))
    return text.capitalize() if rng.random() < 0.12 else text


def words(rng, count, letters=LATIN):
    return " ".join(word(rng, letters) for _ in range(count))


def number(rng):
    return f"{rng.uniform(0, 10 ** rng.randint(1, 5)):,.{rng.choice([0, 1, 2, 2])}f}"


def paper(rng):
    if rng.random() < 0.6:
        return (255, 255, 255)
    base = rng.randint(205, 255)
    return tuple(max(0, min(255, base + d)) for d in (rng.randint(-4, 6), rng.randint(-6, 4), rng.randint(-30, 2)))


def ink(rng):
    if rng.random() < 0.75:
        return (rng.randint(0, 60),) * 3
    return tuple(rng.randint(0, 110) for _ in range(3))


def colour(rng, low=0, high=255):
    return tuple(rng.randint(low, high) for _ in range(3))


def muted(rng):
    """A colour as things have them: seldom pure."""
    value = 255 * rng.betavariate(1.6, 1.3)
    return tuple(part * value for part in hsv_to_rgb(rng.random(), rng.betavariate(1.2, 2.2), 1))


def blank(rng, width, height, ground=None):
    """An empty sheet and what draws on it."""
    page = Image.new("RGB", (int(width), int(height)), ground or paper(rng))
    return page, ImageDraw.Draw(page)


def noise_of(rng):
    """numpy's generator, for noise of many pixels at once."""
    return np.random.default_rng(rng.getrandbits(32))


def picture_of(values):
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def blurred(values, radius):
    return np.asarray(picture_of(values).filter(ImageFilter.GaussianBlur(radius))).astype(np.float32)


def cloud(rng, width, height, roughness):
    """Noise of many sizes between 0 and 1, rough or smooth."""
    nprng = noise_of(rng)
    total = np.zeros((height, width), np.float32)
    cells, weight = 2, 1.0
    while cells < max(width, height):
        small = Image.fromarray(nprng.random((cells, cells), dtype=np.float32))
        total += weight * np.asarray(small.resize((width, height), Image.BICUBIC))
        cells *= 2
        weight *= roughness
    total -= total.min()
    return total / max(1e-6, total.max())


def rows_down(top, bottom, step):
    """Where rows begin, from the top down; `step` gives the height of the next one."""
    y = top
    while y < bottom:
        yield y
        y += step()


def lines_of_text(draw, rng, box, size, fill, letters=LATIN):
    """Fills a box with paragraphs; gives where they ended."""
    left, top, right, bottom = box
    face = a_font(rng, size)
    step = size * rng.uniform(1.15, 1.7)
    is_ragged = rng.random() < 0.6
    per_line = max(1, int((right - left) / (size * 0.52)))
    indent = rng.choice([0, 0, 0, size * 2])
    left_in_paragraph = rng.randint(3, 12)
    y, is_first = top, True
    while y + size <= bottom:
        text = words(rng, per_line // 4 + 2, letters)[: per_line + 2]
        left_in_paragraph -= 1
        is_last = left_in_paragraph == 0
        if is_last:
            text = text[: rng.randint(4, max(5, len(text)))]
        elif is_ragged:
            text = text[: len(text) - rng.randint(0, max(1, len(text) // 8))]
        draw.text((left + (indent if is_first else 0), y), text, font=face, fill=fill)
        y, is_first = y + step, is_last
        if is_last:
            left_in_paragraph = rng.randint(3, 12)
            y += step * rng.choice([0, 0.4, 0.8, 1])
    return y
