"""Draws pictures of the eight kinds that the bundled model tells apart. Everything is made from random numbers and fonts of the system."""

import io
import math
import random
from functools import lru_cache
from glob import glob

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

KINDS = [
    "text document",
    "form or receipt",
    "table",
    "chart",
    "line drawing",
    "screenshot",
    "photograph",
    "blank or noise",
]
SIDE = 96

FONTS = sorted(
    path
    for pattern in ("/usr/share/fonts/truetype/dejavu/*.ttf", "/usr/share/fonts/truetype/liberation*/*.ttf")
    for path in glob(pattern)
    if "Math" not in path
)
LETTERS = "eeeeeeettttaaaaooooiiinnnsssrrrhhhlldddccuummppffggwwyybbvkxjqz"


@lru_cache(maxsize=512)
def font(path, size):
    return ImageFont.truetype(path, size)


def a_font(rng, size):
    return font(rng.choice(FONTS), max(5, int(size)))


def word(rng):
    text = "".join(rng.choice(LETTERS) for _ in range(rng.choice([1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 10])))
    return text.capitalize() if rng.random() < 0.12 else text


def words(rng, count):
    return " ".join(word(rng) for _ in range(count))


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


def lines_of_text(draw, rng, box, size, fill, ragged=None, gap=None):
    """Fills a box with lines of words; gives where it ended."""
    left, top, right, bottom = box
    face = a_font(rng, size)
    step = size * (gap or rng.uniform(1.15, 1.7))
    ragged = rng.random() < 0.6 if ragged is None else ragged
    per_line = max(1, int((right - left) / (size * 0.52)))
    y = top
    left_in_paragraph = rng.randint(3, 12)
    while y + size <= bottom:
        text = words(rng, per_line // 4 + 2)[: per_line + 2]
        left_in_paragraph -= 1
        if left_in_paragraph == 0:
            text = text[: rng.randint(4, max(5, len(text)))]
        elif ragged:
            text = text[: len(text) - rng.randint(0, max(1, len(text) // 8))]
        draw.text((left, y), text, font=face, fill=fill)
        y += step
        if left_in_paragraph == 0:
            left_in_paragraph = rng.randint(3, 12)
            y += step * rng.choice([0, 0.4, 0.8, 1])
    return y


def text_document(rng):
    height = rng.randint(360, 560)
    width = int(height * rng.choice([0.707, 0.773, 0.65, 1.3, rng.uniform(0.5, 2.2)]))
    page = Image.new("RGB", (width, height), paper(rng))
    draw = ImageDraw.Draw(page)
    fill = ink(rng)
    margin = rng.uniform(0.03, 0.14) * width
    size = rng.choice([6, 7, 8, 9, 10, 12, 14, 18, 24, 34]) * rng.uniform(0.9, 1.1)
    top = margin * rng.uniform(0.6, 1.6)
    bottom = height - margin * rng.uniform(0.6, 2)
    if rng.random() < 0.25:
        bottom = top + (bottom - top) * rng.uniform(0.3, 1)
    if rng.random() < 0.55:
        title = a_font(rng, size * rng.uniform(1.2, 2.4))
        draw.text((margin if rng.random() < 0.5 else width * 0.3, top), words(rng, rng.randint(1, 5)), font=title, fill=fill)
        top += size * 3.2
    columns = rng.choice([1, 1, 1, 1, 2, 2, 3])
    gutter = size * 1.5
    each = (width - 2 * margin - (columns - 1) * gutter) / columns
    for column in range(columns):
        left = margin + column * (each + gutter)
        lines_of_text(draw, rng, (left, top, left + each, bottom), size, fill)
    if rng.random() < 0.12:
        w, h = each * rng.uniform(0.4, 0.9), height * rng.uniform(0.1, 0.25)
        x, y = margin, rng.uniform(top, max(top + 1, bottom - h))
        page.paste(photograph(rng, (int(w) + 2, int(h) + 2)), (int(x), int(y)))
    return page


def receipt(rng):
    width = rng.randint(150, 240)
    height = int(width * rng.uniform(1.3, 3.2))
    page = Image.new("RGB", (width, height), paper(rng))
    draw = ImageDraw.Draw(page)
    fill = ink(rng)
    size = rng.uniform(7, 12)
    face = a_font(rng, size)
    y = rng.uniform(5, 25)
    for _ in range(rng.randint(2, 5)):
        text = words(rng, rng.randint(1, 4))[:26]
        big = a_font(rng, size * rng.choice([1, 1, 1.5, 2]))
        draw.text(((width - draw.textlength(text, font=big)) / 2, y), text, font=big, fill=fill)
        y += size * 1.6
    end = height * rng.uniform(0.7, 0.97)
    while y < end:
        what = rng.random()
        if what < 0.72:
            draw.text((width * 0.05, y), words(rng, rng.randint(1, 3))[:20], font=face, fill=fill)
            text = number(rng)[-8:]
            draw.text((width * 0.95 - draw.textlength(text, font=face), y), text, font=face, fill=fill)
        elif what < 0.8:
            draw.text((width * 0.05, y), rng.choice("-=*_.") * 60, font=face, fill=fill)
        elif what < 0.9:
            text = words(rng, rng.randint(2, 5))[:28]
            draw.text(((width - draw.textlength(text, font=face)) / 2, y), text, font=face, fill=fill)
        else:
            draw.text((width * 0.05, y), words(rng, 4)[:30], font=face, fill=fill)
        y += size * rng.uniform(1.2, 1.5)
    if rng.random() < 0.3 and y < height - 20:
        x = width * 0.15
        while x < width * 0.85:
            w = rng.choice([1, 1, 2, 3])
            draw.rectangle((x, y, x + w, y + 22), fill=fill)
            x += w + rng.choice([1, 2, 3])
    return page


def form(rng):
    height = rng.randint(380, 520)
    width = int(height * rng.uniform(0.6, 1.2))
    page = Image.new("RGB", (width, height), paper(rng))
    draw = ImageDraw.Draw(page)
    fill = ink(rng)
    size = rng.uniform(7, 11)
    face = a_font(rng, size)
    hand = a_font(rng, size * 1.2)
    y = rng.uniform(10, 40)
    draw.text((width * rng.uniform(0.05, 0.4), y), words(rng, rng.randint(2, 4)), font=a_font(rng, size * 1.8), fill=fill)
    y += size * 3.5
    style = rng.choice(["line", "box", "mixed", "dots"])
    pen = rng.choice([fill, (20, 30, 120)])
    while y < height * rng.uniform(0.8, 0.97):
        parts = rng.choice([1, 1, 2, 2, 3])
        tall = size * rng.uniform(1.6, 3)
        for part in range(parts):
            x = width * 0.06 + part * width * 0.88 / parts
            w = width * 0.88 / parts - size
            label = words(rng, rng.randint(1, 2))[:16]
            at = draw.textlength(label, font=face) + size * 0.6
            each = style if style != "mixed" else rng.choice(["line", "box", "check", "dots"])
            if each == "box" and rng.random() < 0.5:
                draw.text((x, y - size * 1.1), label, font=face, fill=fill)
                at = 0
            else:
                draw.text((x, y), label, font=face, fill=fill)
            if each == "line":
                draw.line((x + at, y + size * 1.2, x + w, y + size * 1.2), fill=fill)
            elif each == "dots":
                for dot in range(int(x + at), int(x + w), 4):
                    draw.point((dot, y + size), fill=fill)
            elif each == "check":
                draw.rectangle((x + at, y, x + at + size, y + size), outline=fill)
                if rng.random() < 0.4:
                    draw.line((x + at, y, x + at + size, y + size), fill=pen, width=2)
            else:
                draw.rectangle((x + at, y - 1, x + w, y + size * 1.5), outline=fill)
            if rng.random() < 0.5:
                draw.text((x + at + 3, y), words(rng, 1), font=hand, fill=pen)
        y += tall + size
        if rng.random() < 0.1:
            draw.rectangle((width * 0.05, y, width * 0.95, y + size * 1.5), fill=colour(rng, 120, 225))
            draw.text((width * 0.07, y + 2), words(rng, 3), font=face, fill=fill)
            y += size * 3
    return page


def form_or_receipt(rng):
    return receipt(rng) if rng.random() < 0.5 else form(rng)


def table(rng):
    height = rng.randint(300, 520)
    width = int(height * rng.uniform(0.6, 1.9))
    page = Image.new("RGB", (width, height), paper(rng))
    draw = ImageDraw.Draw(page)
    fill = ink(rng)
    columns, rows = rng.randint(3, 10), rng.randint(4, 26)
    left, right = width * rng.uniform(0.01, 0.09), width * rng.uniform(0.91, 0.99)
    top = height * rng.uniform(0.01, 0.2)
    if top > 40:
        lines_of_text(draw, rng, (left, 8, right, top - 6), 8, fill)
    cell = min((height * rng.uniform(0.7, 0.99) - top) / rows, 40)
    size = max(5, min(cell * rng.uniform(0.5, 0.8), (right - left) / columns / 4.5, 15))
    face, bold = a_font(rng, size), a_font(rng, size)
    shares = np.cumsum([rng.uniform(0.5, 1.6) for _ in range(columns)])
    edges = [left] + [left + (right - left) * share / shares[-1] for share in shares]
    style = rng.choice(["grid", "grid", "rows", "head", "stripes", "grid"])
    head_fill = colour(rng, 60, 235) if rng.random() < 0.5 else None
    thick = rng.choice([1, 1, 2])
    if head_fill:
        draw.rectangle((left, top, right, top + cell), fill=head_fill)
    texty = [column == 0 or rng.random() < 0.25 for column in range(columns)]
    for row in range(rows):
        y = top + row * cell
        if style == "stripes" and row % 2 == 1:
            draw.rectangle((left, y, right, y + cell), fill=colour(rng, 215, 235) if row == 1 else (226, 230, 234))
        for column in range(columns):
            text = words(rng, rng.randint(1, 2)) if row == 0 or texty[column] else number(rng)
            if rng.random() < 0.06:
                continue
            room = edges[column + 1] - edges[column] - 4
            text = text[: max(2, int(room / (size * 0.55)))]
            x = edges[column] + 3
            if not texty[column]:
                x = max(x, edges[column + 1] - 3 - draw.textlength(text, font=face))
            draw.text((x, y + (cell - size) / 2 - 1), text, font=bold if row == 0 else face, fill=fill)
        if style in ("grid", "rows"):
            draw.line((left, y, right, y), fill=fill, width=thick)
    if style == "head":
        for y in (top, top + cell, top + rows * cell):
            draw.line((left, y, right, y), fill=fill, width=2)
    if style in ("grid", "rows"):
        draw.line((left, top + rows * cell, right, top + rows * cell), fill=fill, width=thick)
    if style == "grid":
        for x in edges:
            draw.line((x, top, x, top + rows * cell), fill=fill, width=thick)
    below = top + rows * cell + 14
    if height - below > 60 and rng.random() < 0.6:
        lines_of_text(draw, rng, (left, below, right, height - 10), 8, fill)
    return page


def chart(rng):
    height = rng.randint(260, 420)
    width = int(height * rng.uniform(0.9, 1.9))
    dark = rng.random() < 0.12
    ground = colour(rng, 10, 50) if dark else paper(rng)
    page = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(page)
    fill = (220, 220, 220) if dark else ink(rng)
    face = a_font(rng, rng.uniform(8, 12))
    palette = [colour(rng, 30, 230) for _ in range(7)]
    if rng.random() < 0.15:
        palette = [(shade,) * 3 for shade in (40, 90, 130, 170, 60, 110, 200)]
    if rng.random() < 0.6:
        draw.text((width * rng.uniform(0.1, 0.4), 6), words(rng, 3), font=a_font(rng, 14), fill=fill)
    kind = rng.choice(["bars", "bars", "lines", "lines", "pie", "scatter", "area", "hbars"])
    if kind == "pie":
        r = min(width, height) * rng.uniform(0.28, 0.42)
        cx, cy = width * rng.uniform(0.35, 0.65), height * 0.53
        start = rng.uniform(0, 360)
        cuts = np.cumsum([rng.uniform(0.2, 1) for _ in range(rng.randint(2, 7))])
        before = 0
        for at, cut in enumerate(cuts):
            draw.pieslice((cx - r, cy - r, cx + r, cy + r), start + 360 * before / cuts[-1], start + 360 * cut / cuts[-1],
                          fill=palette[at % 7], outline=ground)
            before = cut
        if rng.random() < 0.3:
            draw.ellipse((cx - r / 2, cy - r / 2, cx + r / 2, cy + r / 2), fill=ground)
    else:
        left, top, right, bottom = width * rng.uniform(0.06, 0.15), height * 0.12, width * 0.95, height * rng.uniform(0.82, 0.9)
        grid = rng.random() < 0.6
        for at in range(6):
            y = bottom - (bottom - top) * at / 5
            if grid:
                draw.line((left, y, right, y), fill=(110,) * 3 if dark else (205,) * 3)
            draw.text((4, y - 5), number(rng)[:4], font=face, fill=fill)
        if rng.random() < 0.9:
            draw.line((left, top, left, bottom), fill=fill)
            draw.line((left, bottom, right, bottom), fill=fill)
        count = rng.randint(3, 14)
        for at in range(0, count, 2):
            draw.text((left + (right - left) * at / count, bottom + 4), words(rng, 1)[:5], font=face, fill=fill)
        series = rng.randint(1, 4)
        if kind == "bars":
            step = (right - left) / count
            for at in range(count):
                for each in range(series):
                    w = step * 0.8 / series
                    x = left + at * step + step * 0.1 + each * w
                    draw.rectangle((x, bottom - (bottom - top) * rng.uniform(0.05, 0.95), x + w * 0.95, bottom), fill=palette[each])
        elif kind == "hbars":
            step = (bottom - top) / count
            for at in range(count):
                draw.rectangle((left, top + at * step + step * 0.1, left + (right - left) * rng.uniform(0.05, 0.95),
                                top + (at + 1) * step - step * 0.1), fill=palette[at % series])
        elif kind == "scatter":
            for each in range(series):
                mx, my, slope = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8), rng.uniform(-0.8, 0.8)
                for _ in range(rng.randint(20, 90)):
                    dx = rng.gauss(0, 0.18)
                    x, y = mx + dx, my + slope * dx + rng.gauss(0, 0.08)
                    if 0 < x < 1 and 0 < y < 1:
                        px, py, r = left + x * (right - left), bottom - y * (bottom - top), rng.uniform(1.5, 4)
                        draw.ellipse((px - r, py - r, px + r, py + r), fill=palette[each])
        else:
            for each in range(series):
                steps = rng.choice([8, 20, 60])
                values = np.cumsum(np.array([rng.gauss(0, 1) for _ in range(steps)]))
                values = (values - values.min()) / max(1e-6, np.ptp(values)) * rng.uniform(0.3, 0.85) + rng.uniform(0.03, 0.1)
                points = [(left + (right - left) * at / (steps - 1), bottom - (bottom - top) * v) for at, v in enumerate(values)]
                if kind == "area":
                    draw.polygon(points + [(right, bottom), (left, bottom)], fill=palette[each])
                draw.line(points, fill=palette[each], width=rng.choice([1, 2, 3]))
    if rng.random() < 0.4:
        x, y = width * rng.uniform(0.6, 0.8), height * rng.uniform(0.08, 0.3)
        for at in range(rng.randint(2, 4)):
            draw.rectangle((x, y + at * 14, x + 9, y + at * 14 + 9), fill=palette[at])
            draw.text((x + 13, y + at * 14 - 1), words(rng, 1), font=face, fill=fill)
    return page


def line_drawing(rng):
    height = rng.randint(280, 420)
    width = int(height * rng.uniform(0.7, 1.6))
    page = Image.new("RGB", (width, height), paper(rng))
    draw = ImageDraw.Draw(page)
    fill = ink(rng)
    face = a_font(rng, rng.uniform(8, 12))
    pen = rng.choice([1, 1, 2, 2, 3])
    kind = rng.choice(["flow", "shapes", "sketch", "plan", "sketch", "hatch"])
    if kind == "flow":
        boxes = []
        for _ in range(rng.randint(3, 9)):
            x, y = rng.uniform(10, width - 90), rng.uniform(10, height - 50)
            w, h = rng.uniform(50, 90), rng.uniform(22, 44)
            boxes.append((x, y, w, h))
        for (ax, ay, aw, ah), (bx, by, bw, _) in zip(boxes, boxes[1:]):
            draw.line((ax + aw / 2, ay + ah / 2, bx + bw / 2, by), fill=fill, width=pen)
            draw.polygon([(bx + bw / 2, by), (bx + bw / 2 - 4, by - 8), (bx + bw / 2 + 4, by - 8)], fill=fill)
        for x, y, w, h in boxes:
            shape = draw.ellipse if rng.random() < 0.3 else draw.rectangle
            shape((x, y, x + w, y + h), outline=fill, fill=page.getpixel((0, 0)), width=pen)
            draw.text((x + 6, y + h / 3), words(rng, 1)[:9], font=face, fill=fill)
    elif kind == "plan":
        def split(x0, y0, x1, y1, depth):
            draw.rectangle((x0, y0, x1, y1), outline=fill, width=pen)
            if depth == 0 or min(x1 - x0, y1 - y0) < 40:
                if rng.random() < 0.3:
                    r = min(x1 - x0, y1 - y0) * 0.4
                    draw.arc((x0 - r, y0 - r, x0 + r, y0 + r), 0, 90, fill=fill)
                return
            at = rng.uniform(0.3, 0.7)
            if x1 - x0 > y1 - y0:
                split(x0, y0, x0 + (x1 - x0) * at, y1, depth - 1)
                split(x0 + (x1 - x0) * at, y0, x1, y1, depth - 1)
            else:
                split(x0, y0, x1, y0 + (y1 - y0) * at, depth - 1)
                split(x0, y0 + (y1 - y0) * at, x1, y1, depth - 1)
        split(20, 20, width - 20, height - 20, rng.randint(2, 4))
        for at in range(rng.randint(0, 4)):
            draw.line((20, 10, width - 20, 10), fill=fill)
    else:
        for _ in range(rng.randint(5, 26)):
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            r = rng.uniform(8, min(width, height) * 0.35)
            what = rng.random()
            if kind == "shapes" and what < 0.5:
                sides = rng.randint(3, 8)
                turn = rng.uniform(0, 6)
                points = [(x + r * math.cos(turn + 6.283 * n / sides), y + r * math.sin(turn + 6.283 * n / sides)) for n in range(sides + 1)]
                draw.line(points, fill=fill, width=pen)
            elif what < 0.65 and kind == "shapes":
                draw.ellipse((x - r, y - r * rng.uniform(0.4, 1), x + r, y + r), outline=fill, width=pen)
            elif kind == "hatch" and what < 0.5:
                tilt = rng.uniform(-20, 20)
                for n in range(rng.randint(5, 20)):
                    draw.line((x + n * 4, y, x + n * 4 + tilt, y + r), fill=fill)
            else:
                points = [(x, y)]
                turn = rng.uniform(0, 6.28)
                for _ in range(rng.randint(8, 40)):
                    turn += rng.gauss(0, 0.45)
                    points.append((points[-1][0] + 8 * math.cos(turn), points[-1][1] + 8 * math.sin(turn)))
                draw.line(points, fill=fill, width=pen, joint="curve")
    if rng.random() < 0.3:
        draw.text((rng.uniform(5, width / 2), height - 16), words(rng, 3), font=face, fill=fill)
    return page


def screenshot(rng):
    height = rng.randint(300, 480)
    width = int(height * rng.choice([1.6, 1.78, 1.33, 0.5, 0.56, 2.0]))
    dark = rng.random() < 0.4
    ground = colour(rng, 15, 55) if dark else colour(rng, 232, 255)
    panel = tuple(max(0, min(255, c + (22 if dark else -18))) for c in ground)
    fill = (225, 225, 230) if dark else (30, 30, 36)
    accent = colour(rng, 20, 220)
    page = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(page)
    size = rng.uniform(7, 11)
    face = a_font(rng, size)
    bar = rng.uniform(14, 34)
    draw.rectangle((0, 0, width, bar), fill=accent if rng.random() < 0.5 else panel)
    for n in range(rng.randint(2, 7)):
        draw.text((10 + n * size * 6, bar / 4), words(rng, 1)[:8], font=face, fill=fill)
    if rng.random() < 0.4:
        for n, dot in enumerate(((255, 95, 86), (255, 189, 46), (39, 201, 63))):
            draw.ellipse((8 + n * 13, 5, 17 + n * 13, 14), fill=dot)
    left = 0
    if rng.random() < 0.6:
        left = width * rng.uniform(0.14, 0.3)
        draw.rectangle((0, bar, left, height), fill=panel)
        y = bar + 10
        while y < height - 12:
            if rng.random() < 0.15:
                draw.rectangle((0, y - 3, left, y + size + 4), fill=accent)
            draw.ellipse((6, y, 6 + size, y + size), fill=colour(rng))
            draw.text((10 + size, y), words(rng, 2)[:14], font=face, fill=fill)
            y += size * rng.uniform(1.6, 2.6)
    style = rng.choice(["cards", "list", "editor", "article", "chat", "dialog"])
    right, bottom, top = width - 8, height - 8, bar + 10
    if style == "cards":
        count = rng.randint(2, 4)
        w = (right - left - 10) / count
        h = rng.uniform(60, 140)
        y = top
        while y + h < bottom + 40:
            for n in range(count):
                x = left + 10 + n * w
                draw.rounded_rectangle((x, y, x + w - 10, y + h - 10), 6, fill=panel)
                if rng.random() < 0.6:
                    if rng.random() < 0.5:
                        page.paste(photograph(rng, (max(8, int(w - 18)), max(8, int(h * 0.55)))), (int(x + 4), int(y + 4)))
                    else:
                        draw.rectangle((x + 4, y + 4, x + w - 14, y + h * 0.55), fill=colour(rng))
                draw.text((x + 6, y + h * 0.66), words(rng, 2)[:16], font=face, fill=fill)
            y += h
    elif style == "list":
        y = top
        while y < bottom - 20:
            draw.line((left + 8, y - 4, right, y - 4), fill=panel)
            draw.rectangle((left + 12, y, left + 24, y + 12), fill=colour(rng))
            draw.text((left + 32, y), words(rng, rng.randint(2, 5)), font=face, fill=fill)
            if rng.random() < 0.5:
                draw.rounded_rectangle((right - 46, y - 1, right - 6, y + 13), 4, fill=accent)
            y += rng.uniform(20, 30)
    elif style == "editor":
        y = top
        while y < bottom:
            indent = rng.randint(0, 4) * 14
            x = left + 16 + indent
            for _ in range(rng.randint(0, 6)):
                text = word(rng)
                draw.text((x, y), text, font=face, fill=rng.choice([fill, accent, colour(rng, 90, 220)]))
                x += draw.textlength(text + " ", font=face)
            y += size * 1.45
    elif style == "chat":
        y = top
        while y < bottom - 20:
            mine = rng.random() < 0.5
            w = rng.uniform(0.25, 0.6) * (right - left)
            x = right - w if mine else left + 10
            h = rng.uniform(20, 46)
            draw.rounded_rectangle((x, y, x + w, y + h), 9, fill=accent if mine else panel)
            lines_of_text(draw, rng, (x + 6, y + 4, x + w - 6, y + h - 2), size, fill)
            y += h + 9
    else:
        lines_of_text(draw, rng, (left + 16, top, right - 10, bottom), size * rng.uniform(0.9, 1.3), fill)
        if style == "dialog":
            x, y = left + (right - left) * 0.2, height * 0.3
            w, h = (right - left) * 0.6, height * 0.4
            draw.rounded_rectangle((x, y, x + w, y + h), 6, fill=panel, outline=fill)
            draw.text((x + 10, y + 10), words(rng, 4), font=face, fill=fill)
            for n in range(2):
                draw.rounded_rectangle((x + w - 60 - n * 60, y + h - 26, x + w - 10 - n * 60, y + h - 8), 4, fill=accent if n else ground)
    if rng.random() < 0.3:
        draw.rectangle((0, height - 16, width, height), fill=panel)
        for n in range(rng.randint(3, 9)):
            draw.rectangle((8 + n * 20, height - 14, 20 + n * 20, height - 2), fill=colour(rng))
    return page


def cloud(rng, width, height, roughness):
    """Noise of many sizes between 0 and 1, rough or smooth."""
    nprng = np.random.default_rng(rng.getrandbits(32))
    total = np.zeros((height, width), np.float32)
    cells, weight = 2, 1.0
    while cells < max(width, height):
        small = Image.fromarray(nprng.random((cells, cells), dtype=np.float32))
        total += weight * np.asarray(small.resize((width, height), Image.BICUBIC))
        cells *= 2
        weight *= roughness
    total -= total.min()
    return total / max(1e-6, total.max())


def textured(rng, width, height):
    """A surface: colours that go over into each other, with some grain and light from one side."""
    roughness = rng.choice([0.35, 0.45, 0.55, 0.65, 0.75, 0.85])
    a = cloud(rng, width, height, roughness)[..., None]
    b = cloud(rng, width, height, rng.choice([0.3, 0.5, 0.7]))[..., None]
    base = np.array(colour(rng), np.float32)
    spread = rng.choice([25, 50, 80, 120])
    near = [np.clip(base + np.array([rng.gauss(0, spread) for _ in range(3)]) + rng.gauss(0, spread), 0, 255) for _ in range(3)]
    surface = near[0] * (1 - a) + near[1] * a
    surface = surface * (1 - b * 0.6) + near[2] * b * 0.6
    if rng.random() < 0.3:
        xs, ys = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        turn, count = rng.uniform(0, 3.14), rng.uniform(3, 40)
        waves = np.sin((xs * math.cos(turn) + ys * math.sin(turn) + 0.3 * a[..., 0]) * count * 6.28)
        surface += (waves * rng.uniform(5, 40))[..., None]
    return surface


def photograph(rng, size=None):
    if size is None:
        height = rng.randint(110, 200)
        size = (int(height * rng.choice([1.33, 1.5, 0.67, 0.75, 1, 1.78, rng.uniform(0.6, 1.9)])), height)
    width, height = size
    picture = textured(rng, width, height)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    if rng.random() < 0.35:
        horizon = height * (rng.uniform(0.25, 0.75) + 0.12 * (cloud(rng, width, 1, 0.5) - 0.5))
        below = np.clip((ys - horizon) / rng.uniform(0.5, 4), 0, 1)[..., None]
        picture = picture * (1 - below) + textured(rng, width, height) * below
    if rng.random() < 0.12:
        picture = picture * 0.06 + rng.uniform(225, 240)
    if rng.random() < 0.5:
        out = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 9)))
        picture = np.asarray(out).astype(np.float32)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3, 6, 14])):
        cx, cy = rng.uniform(0, width), rng.uniform(0, height)
        rx, ry = rng.uniform(0.05, 0.5) * width, rng.uniform(0.05, 0.5) * height
        turn = rng.uniform(0, 3.14)
        dx, dy = (xs - cx) * math.cos(turn) + (ys - cy) * math.sin(turn), (ys - cy) * math.cos(turn) - (xs - cx) * math.sin(turn)
        power = rng.choice([1, 2, 2, 2, 4])
        wobble = 1 + rng.uniform(0, 0.7) * (cloud(rng, width, height, 0.5) - 0.5)
        far = ((np.abs(dx / rx) ** power + np.abs(dy / ry) ** power) ** (1 / power)) * wobble
        inside = np.clip((1 - far) * min(rx, ry) / rng.choice([0.7, 1, 2, 5]), 0, 1)[..., None]
        light = 1 + rng.uniform(0, 0.8) * ((-dx / rx - dy / ry) * 0.35)[..., None]
        body = textured(rng, width, height) * light
        if rng.random() < 0.5:
            shade = np.clip(1.25 - far, 0, 0.5)[..., None] * rng.uniform(0, 1)
            moved = np.roll(shade, (int(ry * 0.15) + 1, int(rx * 0.1) + 1), (0, 1))
            picture = picture * (1 - moved * (1 - inside))
        picture = picture * (1 - inside) + body * inside
    if rng.random() < 0.35:
        fur = Image.fromarray(np.random.default_rng(rng.getrandbits(32)).integers(0, 256, (height, width), dtype=np.uint8))
        fur = np.asarray(fur.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.4)))).astype(np.float32) - 128
        picture += fur[..., None] * rng.uniform(0.1, 0.9) * cloud(rng, width, height, 0.4)[..., None]
    if rng.random() < 0.4:
        picture *= (1 - rng.uniform(0.1, 0.7) * (((xs / width - 0.5) ** 2 + (ys / height - 0.5) ** 2) * 2))[..., None]
    if rng.random() < 0.1:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    picture = (picture - picture.mean()) * rng.uniform(0.8, 1.5) + picture.mean() + rng.gauss(0, 15)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def blank_or_noise(rng):
    width, height = rng.randint(96, 300), rng.randint(96, 300)
    nprng = np.random.default_rng(rng.getrandbits(32))
    kind = rng.choice(["flat", "flat", "paper", "gradient", "noise", "noise", "pepper", "grain"])
    base = np.full((height, width, 3), 255, np.float32)
    if kind in ("flat", "grain"):
        base[:] = rng.choice([paper(rng), colour(rng), (rng.randint(0, 255),) * 3, (0, 0, 0), (255, 255, 255)])
    if kind == "paper":
        base[:] = paper(rng)
        base += ((cloud(rng, width, height, 0.4) - 0.5) * rng.uniform(2, 22))[..., None]
    if kind == "gradient":
        a, b = np.array(colour(rng), np.float32), np.array(colour(rng), np.float32)
        run = np.linspace(0, 1, width)[None, :, None] if rng.random() < 0.5 else np.linspace(0, 1, height)[:, None, None]
        base = np.broadcast_to(a * (1 - run) + b * run, (height, width, 3)).copy()
    if kind == "noise":
        cell = rng.choice([1, 1, 2, 3, 5, 9])
        shape = (height // cell + 1, width // cell + 1, rng.choice([1, 3]))
        noise = nprng.integers(0, 256, shape, dtype=np.uint8)
        noise = np.repeat(np.repeat(noise, cell, 0), cell, 1)[:height, :width]
        base = np.broadcast_to(noise, (height, width, 3)).astype(np.float32).copy()
    if kind == "pepper":
        base[:] = paper(rng)
        base[nprng.random((height, width)) < rng.uniform(0.0005, 0.02)] = rng.randint(0, 120)
    if kind == "grain":
        base += nprng.normal(0, rng.uniform(2, 30), (height, width, 1))
    return Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))


DRAW = dict(
    zip(KINDS, [text_document, form_or_receipt, table, chart, line_drawing, screenshot, photograph, blank_or_noise])
)


def scanned(picture, rng, kind):
    """What happens to pictures on their way: turned, photographed, in shadow, in black and white, cut, blurred, compressed."""
    is_page = kind in ("text document", "form or receipt", "table", "chart", "line drawing")
    if is_page and rng.random() < 0.45:
        ground = picture.getpixel((0, 0))
        if rng.random() < 0.35:
            around = photograph(rng, (picture.width + 2 * (1 + picture.width // rng.randint(6, 40)),
                                      picture.height + 2 * (1 + picture.height // rng.randint(6, 40))))
            angle = rng.gauss(0, 5)
            turned = picture.convert("RGBA").rotate(angle, Image.BILINEAR, expand=True)
            around = around.resize((turned.width + turned.width // rng.randint(6, 40), turned.height + turned.height // rng.randint(6, 40)))
            around.paste(turned, ((around.width - turned.width) // 2, (around.height - turned.height) // 2), turned)
            picture = around
        else:
            picture = picture.rotate(rng.gauss(0, 3), Image.BILINEAR, expand=rng.random() < 0.5, fillcolor=ground)
    if is_page and rng.random() < 0.08:
        picture = picture.transpose(rng.choice([Image.ROTATE_90, Image.ROTATE_180, Image.ROTATE_270]))
    if rng.random() < 0.3 and kind != "blank or noise":
        left, top = rng.uniform(0, 0.2) * picture.width, rng.uniform(0, 0.2) * picture.height
        right, bottom = picture.width * rng.uniform(0.8, 1), picture.height * rng.uniform(0.8, 1)
        picture = picture.crop((int(left), int(top), int(right), int(bottom)))
    if kind == "photograph" and rng.random() < 0.5:
        picture = ImageOps.mirror(picture)
    if is_page and rng.random() < 0.25:
        shade = cloud(rng, picture.width, picture.height, 0.25)[..., None] * rng.uniform(0.1, 0.55)
        warm = np.array([1, rng.uniform(0.9, 1), rng.uniform(0.75, 1)])
        picture = Image.fromarray(np.clip(np.asarray(picture) * (1 - shade) * warm, 0, 255).astype(np.uint8))
    if is_page and rng.random() < 0.15:
        picture = picture.convert("L").point(lambda value: 255 if value > 140 else 0).convert("RGB")
    elif rng.random() < 0.15:
        picture = picture.convert("L").convert("RGB")
    if rng.random() < 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.6)))
    if rng.random() < 0.2:
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(2, 14), (picture.height, picture.width, 1))
        picture = Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))
    if rng.random() < 0.3:
        store = io.BytesIO()
        picture.save(store, "JPEG", quality=rng.randint(15, 85))
        picture = Image.open(store).convert("RGB")
    return picture


def example(seed):
    """The picture of a seed as the network sees it, and the place of its kind."""
    rng = random.Random(seed)
    at = seed % len(KINDS)
    picture = scanned(DRAW[KINDS[at]](rng), rng, KINDS[at])
    return np.asarray(picture.convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)), at


if __name__ == "__main__":
    sheet = Image.new("RGB", (SIDE * 12, SIDE * len(KINDS)))
    for row in range(len(KINDS)):
        for column in range(12):
            picture, _ = example(column * len(KINDS) + row)
            sheet.paste(Image.fromarray(picture), (column * SIDE, row * SIDE))
    sheet.save("/tmp/kinds.png")
