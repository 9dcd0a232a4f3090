"""Screens of programs and pages of the web."""

from .ink import a_font, blank, colour, lines_of_text, rows_down, word, words
from .photograph import photograph


class Look:
    """Colours and type of a screen."""

    def __init__(self, rng):
        self.is_dark = rng.random() < 0.4
        self.ground = colour(rng, 15, 55) if self.is_dark else colour(rng, 232, 255)
        self.panel = tuple(max(0, min(255, part + (22 if self.is_dark else -18))) for part in self.ground)
        self.fill = (225, 225, 230) if self.is_dark else (30, 30, 36)
        self.accent = colour(rng, 20, 220)
        self.size = rng.uniform(7, 11)
        self.face = a_font(rng, self.size)


def screenshot(rng):
    height = rng.randint(300, 480)
    width = int(height * rng.choice([1.6, 1.78, 1.33, 0.5, 0.56, 2.0]))
    look = Look(rng)
    page, draw = blank(rng, width, height, look.ground)
    top = bar(draw, rng, width, look)
    left = sidebar(draw, rng, (width, height), top, look) if rng.random() < 0.6 else 0
    content = rng.choice([cards, entries, editor, article, chat, dialog])
    content(page, draw, rng, (left, top + 10, width - 8, height - 8), look)
    if rng.random() < 0.3:
        draw.rectangle((0, height - 16, width, height), fill=look.panel)
        for n in range(rng.randint(3, 9)):
            draw.rectangle((8 + n * 20, height - 14, 20 + n * 20, height - 2), fill=colour(rng))
    return page


def bar(draw, rng, width, look):
    bottom = rng.uniform(14, 34)
    draw.rectangle((0, 0, width, bottom), fill=look.accent if rng.random() < 0.5 else look.panel)
    for n in range(rng.randint(2, 7)):
        draw.text((10 + n * look.size * 6, bottom / 4), words(rng, 1)[:8], font=look.face, fill=look.fill)
    if rng.random() < 0.4:
        for n, dot in enumerate(((255, 95, 86), (255, 189, 46), (39, 201, 63))):
            draw.ellipse((8 + n * 13, 5, 17 + n * 13, 14), fill=dot)
    return bottom


def sidebar(draw, rng, page_size, top, look):
    width, height = page_size
    right, size = width * rng.uniform(0.14, 0.3), look.size
    draw.rectangle((0, top, right, height), fill=look.panel)
    for y in rows_down(top + 10, height - 12, lambda: size * rng.uniform(1.6, 2.6)):
        if rng.random() < 0.15:
            draw.rectangle((0, y - 3, right, y + size + 4), fill=look.accent)
        draw.ellipse((6, y, 6 + size, y + size), fill=colour(rng))
        draw.text((10 + size, y), words(rng, 2)[:14], font=look.face, fill=look.fill)
    return right


def cards(page, draw, rng, box, look):
    left, top, right, bottom = box
    count, tall = rng.randint(2, 4), rng.uniform(60, 140)
    wide = (right - left - 10) / count
    for y in rows_down(top, bottom + 40 - tall, lambda: tall):
        for x in [left + 10 + n * wide for n in range(count)]:
            draw.rounded_rectangle((x, y, x + wide - 10, y + tall - 10), 6, fill=look.panel)
            what = rng.random()
            if what < 0.35:
                size = (max(8, int(wide - 18)), max(8, int(tall * 0.55)))
                page.paste(photograph(rng, size), (int(x + 4), int(y + 4)))
            elif what < 0.6:
                draw.rectangle((x + 4, y + 4, x + wide - 14, y + tall * 0.55), fill=colour(rng))
            draw.text((x + 6, y + tall * 0.66), words(rng, 2)[:16], font=look.face, fill=look.fill)


def entries(page, draw, rng, box, look):
    left, top, right, bottom = box
    for y in rows_down(top, bottom - 20, lambda: rng.uniform(20, 30)):
        draw.line((left + 8, y - 4, right, y - 4), fill=look.panel)
        draw.rectangle((left + 12, y, left + 24, y + 12), fill=colour(rng))
        draw.text((left + 32, y), words(rng, rng.randint(2, 5)), font=look.face, fill=look.fill)
        if rng.random() < 0.5:
            draw.rounded_rectangle((right - 46, y - 1, right - 6, y + 13), 4, fill=look.accent)


def editor(page, draw, rng, box, look):
    left, top, _, bottom = box
    for y in rows_down(top, bottom, lambda: look.size * 1.45):
        x = left + 16 + rng.randint(0, 4) * 14
        for _ in range(rng.randint(0, 6)):
            text = word(rng)
            draw.text((x, y), text, font=look.face, fill=rng.choice([look.fill, look.accent, colour(rng, 90, 220)]))
            x += draw.textlength(f"{text} ", font=look.face)


def chat(page, draw, rng, box, look):
    left, top, right, bottom = box
    for y in rows_down(top, bottom - 20, lambda: 56):
        is_mine, wide, tall = rng.random() < 0.5, rng.uniform(0.25, 0.6) * (right - left), rng.uniform(20, 46)
        x = right - wide if is_mine else left + 10
        draw.rounded_rectangle((x, y, x + wide, y + tall), 9, fill=look.accent if is_mine else look.panel)
        lines_of_text(draw, rng, (x + 6, y + 4, x + wide - 6, y + tall - 2), look.size, look.fill)


def article(page, draw, rng, box, look):
    left, top, right, bottom = box
    if rng.random() < 0.3:
        tall = int((bottom - top) * rng.uniform(0.2, 0.5))
        page.paste(photograph(rng, (max(8, int(right - left)), tall)), (int(left), int(top)))
        top += tall + 8
    lines_of_text(draw, rng, (left + 16, top, right - 10, bottom), look.size * rng.uniform(0.9, 1.3), look.fill)


def dialog(page, draw, rng, box, look):
    article(page, draw, rng, box, look)
    left, top, right, bottom = box
    x, y, wide, tall = left + (right - left) * 0.2, top + (bottom - top) * 0.3, (right - left) * 0.6, (bottom - top) * 0.4
    draw.rounded_rectangle((x, y, x + wide, y + tall), 6, fill=look.panel, outline=look.fill)
    draw.text((x + 10, y + 10), words(rng, 4), font=look.face, fill=look.fill)
    for n, button in enumerate((look.accent, look.ground)):
        end = x + wide - 10 - n * 60
        draw.rounded_rectangle((end - 50, y + tall - 26, end, y + tall - 8), 4, fill=button)
