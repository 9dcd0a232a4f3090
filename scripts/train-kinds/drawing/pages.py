"""Pages of paper: text, forms, receipts, tables."""

from itertools import count

import numpy as np

from .chart import chart
from .ink import CYRILLIC, LATIN, a_font, blank, colour, ink, lines_of_text, number, rows_down, words
from .line_drawing import line_drawing
from .photograph import photograph

SIZES = [6, 7, 7, 8, 8, 9, 10, 12, 14, 18, 24, 34]
FORMATS = [0.707, 0.707, 0.773, 0.65, 1.3]


def text_document(rng):
    """A letter, an article, a contents page, a title page: mostly words."""
    height = rng.randint(360, 620)
    width = int(height * rng.choice([*FORMATS, rng.uniform(0.5, 2.2)]))
    page, draw = blank(rng, width, height)
    fill = ink(rng)
    letters = CYRILLIC if rng.random() < 0.08 else LATIN
    size = rng.choice(SIZES) * rng.uniform(0.9, 1.1)
    margin = rng.uniform(0.03, 0.16) * width
    box = (margin, margin * rng.uniform(0.6, 1.6), width - margin, height - margin * rng.uniform(0.6, 2))
    running_heads(draw, rng, box, (width, height), fill)
    kind = rng.random()
    if kind < 0.1:
        title_page(draw, rng, box, size, fill)
    elif kind < 0.2:
        contents(draw, rng, box, size, fill)
    else:
        article(page, draw, rng, box, size, fill, letters)
    return page


def running_heads(draw, rng, box, page_size, fill):
    """What stands at the edges of pages: a coloured band, a name, the number of the page."""
    left, _, right, _ = box
    width, height = page_size
    face = a_font(rng, 7)
    if rng.random() < 0.12:
        draw.rectangle((0, 0, width, height * rng.uniform(0.02, 0.1)), fill=colour(rng, 40, 235))
    if rng.random() < 0.3:
        draw.text((left, 6), words(rng, rng.randint(1, 5)), font=face, fill=fill)
    if rng.random() < 0.25:
        draw.line((left, 17, right, 17), fill=fill)
    if rng.random() < 0.5:
        draw.text((rng.choice([left, (left + right) / 2, right - 10]), height - 14), str(rng.randint(1, 400)), font=face, fill=fill)


def article(page, draw, rng, box, size, fill, letters):
    """Headings and columns of paragraphs, to the end of the page or not that far, with a figure here and there."""
    left, top, right, bottom = box
    if rng.random() < 0.3:
        bottom = top + (bottom - top) * rng.uniform(0.15, 1)
    if rng.random() < 0.55:
        title = a_font(rng, size * rng.uniform(1.2, 2.4))
        draw.text((left if rng.random() < 0.5 else left + (right - left) * 0.25, top), words(rng, rng.randint(1, 5), letters), font=title, fill=fill)
        top += size * 3.2
    columns = rng.choice([1, 1, 1, 1, 2, 2, 3])
    gutter = size * 1.5
    each = (right - left - (columns - 1) * gutter) / columns
    for column in range(columns):
        x = left + column * (each + gutter)
        y = top
        while y + size * 4 < bottom:
            end = bottom if rng.random() < 0.55 else min(bottom, y + (bottom - top) * rng.uniform(0.15, 0.6))
            y = lines_of_text(draw, rng, (x, y, x + each, end), size, fill, letters) + size
            if y + size * 5 < bottom and rng.random() < 0.7:
                draw.text((x, y), words(rng, rng.randint(1, 4), letters), font=a_font(rng, size * rng.uniform(1, 1.4)), fill=colour(rng, 0, 120))
                y += size * 2.4
    if rng.random() < 0.15:
        figure(page, rng, (left, top, left + each, bottom))


def figure(page, rng, box):
    left, top, right, bottom = (int(side) for side in box)
    width, height = max(24, int((right - left) * rng.uniform(0.4, 1))), max(24, int((bottom - top) * rng.uniform(0.12, 0.35)))
    drawn = rng.choice([photograph, chart, line_drawing])(rng).resize((width, height))
    page.paste(drawn, (left, rng.randint(top, max(top + 1, bottom - height))))


def title_page(draw, rng, box, size, fill):
    left, top, right, bottom = box
    if rng.random() < 0.4:
        draw.rectangle((left, top, right, top + (bottom - top) * rng.uniform(0.05, 0.4)), fill=colour(rng, 60, 240))
    for y in rows_down(top + (bottom - top) * rng.uniform(0, 0.3), bottom, lambda: size * rng.uniform(2, 9)):
        text = words(rng, rng.randint(1, 5))
        draw.text((left + (right - left) * rng.choice([0, 0.1, 0.3]), y), text, font=a_font(rng, size * rng.uniform(1, 3.5)), fill=fill)


def contents(draw, rng, box, size, fill):
    """Entries with dots up to the number of the page, or an index, or a list with bullets."""
    left, top, right, bottom = box
    face, sign = a_font(rng, size), rng.choice([". ", ".", " ", "\u2022"])
    for y in rows_down(top, bottom, lambda: size * rng.choice([1.3, 1.5, 1.8, 2.6])):
        x = left + size * rng.choice([0, 0, 1.5, 3])
        text = words(rng, rng.randint(1, 7))
        if sign == "\u2022":
            text = f"{sign} {text}"
        draw.text((x, y), text, font=face, fill=fill)
        if sign != "\u2022":
            end = x + draw.textlength(text, font=face)
            dots = sign * max(0, int((right - size * 2 - end) / max(1, draw.textlength(sign, font=face))))
            draw.text((end, y), dots, font=face, fill=fill)
            draw.text((right - size * 2, y), str(rng.randint(1, 300)), font=face, fill=fill)


def form_or_receipt(rng):
    return receipt(rng) if rng.random() < 0.5 else form(rng)


def receipt(rng):
    width = rng.randint(150, 240)
    height = int(width * rng.uniform(1.3, 3.2))
    page, draw = blank(rng, width, height)
    fill = ink(rng)
    size = rng.uniform(7, 12)
    face = a_font(rng, size)

    def centred(text, y, by=face):
        draw.text(((width - draw.textlength(text, font=by)) / 2, y), text, font=by, fill=fill)

    y = rng.uniform(5, 25)
    for _ in range(rng.randint(2, 5)):
        centred(words(rng, rng.randint(1, 4))[:26], y, a_font(rng, size * rng.choice([1, 1, 1.5, 2])))
        y += size * 1.6
    for y in rows_down(y, height * rng.uniform(0.7, 0.97), lambda: size * rng.uniform(1.2, 1.5)):
        what = rng.random()
        if what < 0.72:
            draw.text((width * 0.05, y), words(rng, rng.randint(1, 3))[:20], font=face, fill=fill)
            text = number(rng)[-8:]
            draw.text((width * 0.95 - draw.textlength(text, font=face), y), text, font=face, fill=fill)
        elif what < 0.8:
            draw.text((width * 0.05, y), rng.choice("-=*_.") * 60, font=face, fill=fill)
        elif what < 0.9:
            centred(words(rng, rng.randint(2, 5))[:28], y)
        else:
            draw.text((width * 0.05, y), words(rng, 4)[:30], font=face, fill=fill)
    if rng.random() < 0.3 and y < height - 40:
        for x in rows_down(width * 0.15, width * 0.85, lambda: rng.choice([2, 3, 4, 5])):
            draw.rectangle((x, y + 16, x + rng.choice([0, 1, 2]), y + 36), fill=fill)
    return page


def form(rng):
    height = rng.randint(380, 520)
    width = int(height * rng.uniform(0.6, 1.2))
    page, draw = blank(rng, width, height)
    fill = ink(rng)
    size = rng.uniform(7, 11)
    face = a_font(rng, size)
    y = rng.uniform(10, 40)
    draw.text((width * rng.uniform(0.05, 0.4), y), words(rng, rng.randint(2, 4)), font=a_font(rng, size * 1.8), fill=fill)
    style = rng.choice([["line"], ["box"], ["dots"], ["line", "box", "check", "dots"]])
    pen = rng.choice([fill, (20, 30, 120)])
    for y in rows_down(y + size * 3.5, height * rng.uniform(0.8, 0.97), lambda: size * rng.uniform(2.6, 4)):
        if rng.random() < 0.1:
            draw.rectangle((width * 0.05, y, width * 0.95, y + size * 1.5), fill=colour(rng, 120, 225))
            draw.text((width * 0.07, y + 2), words(rng, 3), font=face, fill=fill)
            continue
        parts = rng.choice([1, 1, 2, 2, 3])
        for part in range(parts):
            x = width * 0.06 + part * width * 0.88 / parts
            field(draw, rng, (x, y, x + width * 0.88 / parts - size), size, face, fill, pen, rng.choice(style))
    return page


def field(draw, rng, place, size, face, fill, pen, kind):
    """A label and the line, dots, box or square where the answer goes, filled in or not."""
    x, y, right = place
    label = words(rng, rng.randint(1, 2))[:16]
    is_above = kind == "box" and rng.random() < 0.5
    draw.text((x, y - size * 1.1 if is_above else y), label, font=face, fill=fill)
    at = x if is_above else min(right - size, x + draw.textlength(label, font=face) + size * 0.6)
    if kind == "line":
        draw.line((at, y + size * 1.2, right, y + size * 1.2), fill=fill)
    elif kind == "dots":
        for dot in range(int(at), int(right), 4):
            draw.point((dot, y + size), fill=fill)
    elif kind == "check":
        draw.rectangle((at, y, at + size, y + size), outline=fill)
        if rng.random() < 0.4:
            draw.line((at, y, at + size, y + size), fill=pen, width=2)
    else:
        draw.rectangle((at, y - 1, right, y + size * 1.5), outline=fill)
    if rng.random() < 0.5:
        draw.text((at + 3, y), words(rng, 1), font=a_font(rng, size * 1.2), fill=pen)


def table(rng):
    height = rng.randint(300, 560)
    width = int(height * rng.uniform(0.6, 1.9))
    page, draw = blank(rng, width, height)
    fill = ink(rng)
    columns, rows = rng.randint(3, 10), rng.randint(4, 26)
    left, right = width * rng.uniform(0.01, 0.09), width * rng.uniform(0.91, 0.99)
    top = height * rng.uniform(0.01, 0.25)
    if top > 40:
        lines_of_text(draw, rng, (left, 8, right, top - 6), 8, fill)
    tall = min((height * rng.uniform(0.7, 0.99) - top) / rows, 40)
    shares = np.cumsum([rng.uniform(0.5, 1.6) for _ in range(columns)])
    edges = [left] + [left + (right - left) * share / shares[-1] for share in shares]
    bottom = top + rows * tall
    style = rng.choice(["grid", "grid", "rows", "head", "stripes", "grid"])
    if rng.random() < 0.5:
        draw.rectangle((left, top, right, top + tall), fill=colour(rng, 60, 235))
    if style == "stripes":
        stripe = colour(rng, 205, 235)
        for y in [top + row * tall for row in range(1, rows, 2)]:
            draw.rectangle((left, y, right, y + tall), fill=stripe)
    cells(draw, rng, edges, [top + row * tall for row in range(rows)], tall, fill)
    ruled = {"grid": range(rows + 1), "rows": range(rows + 1), "head": (0, 1, rows), "stripes": ()}[style]
    thick = 2 if style == "head" else rng.choice([1, 1, 2])
    for row in ruled:
        draw.line((left, top + row * tall, right, top + row * tall), fill=fill, width=thick)
    for x in edges if style == "grid" else ():
        draw.line((x, top, x, bottom), fill=fill, width=thick)
    if height - bottom > 74 and rng.random() < 0.6:
        lines_of_text(draw, rng, (left, bottom + 14, right, height - 10), 8, fill)
    return page


def cells(draw, rng, edges, tops, tall, fill):
    columns = len(edges) - 1
    size = max(5, min(tall * rng.uniform(0.5, 0.8), (edges[-1] - edges[0]) / columns / 4.5, 15))
    face, bold = a_font(rng, size), a_font(rng, size)
    is_text = [column == 0 or rng.random() < 0.25 for column in range(columns)]
    for row, y in zip(count(), tops):
        for column in range(columns):
            if rng.random() < 0.06:
                continue
            text = words(rng, rng.randint(1, 2)) if row == 0 or is_text[column] else number(rng)
            text = text[: max(2, int((edges[column + 1] - edges[column] - 4) / (size * 0.55)))]
            x = edges[column] + 3
            if not is_text[column]:
                x = max(x, edges[column + 1] - 3 - draw.textlength(text, font=face))
            draw.text((x, y + (tall - size) / 2 - 1), text, font=bold if row == 0 else face, fill=fill)
