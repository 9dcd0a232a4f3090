"""Drawings of lines: plans, flows of boxes and arrows, shapes, sketches, hatching."""

import math

from .ink import a_font, blank, ink, words


def line_drawing(rng):
    height = rng.randint(280, 420)
    width = int(height * rng.uniform(0.7, 1.6))
    page, draw = blank(rng, width, height)
    fill = ink(rng)
    pen = {"fill": fill, "width": rng.choice([1, 1, 2, 2, 3])}
    kind = rng.choice([flow, plan, strokes, strokes, strokes, axes_and_circles])
    kind(draw, rng, (width, height), pen)
    face = a_font(rng, rng.uniform(8, 12))
    for _ in range(rng.choice([0, 0, 0, 1, 4, 8])):
        draw.text((rng.uniform(5, width - 50), rng.uniform(5, height - 16)), words(rng, rng.randint(1, 2)), font=face, fill=fill)
    return page


def flow(draw, rng, size, pen):
    width, height = size
    face = a_font(rng, rng.uniform(8, 12))
    boxes = [(rng.uniform(10, width - 90), rng.uniform(10, height - 50), rng.uniform(50, 90), rng.uniform(22, 44)) for _ in range(rng.randint(3, 9))]
    for (ax, ay, aw, ah), (bx, by, bw, _) in zip(boxes, boxes[1:]):
        tip = bx + bw / 2
        draw.line((ax + aw / 2, ay + ah / 2, tip, by), **pen)
        draw.polygon([(tip, by), (tip - 4, by - 8), (tip + 4, by - 8)], fill=pen["fill"])
    for x, y, w, h in boxes:
        shape = draw.ellipse if rng.random() < 0.3 else draw.rectangle
        shape((x, y, x + w, y + h), outline=pen["fill"], fill=(255, 255, 255), width=pen["width"])
        draw.text((x + 6, y + h / 3), words(rng, 1)[:9], font=face, fill=pen["fill"])


def plan(draw, rng, size, pen):
    """Rooms in rooms, and their doors."""
    width, height = size

    def split(x0, y0, x1, y1, depth):
        draw.rectangle((x0, y0, x1, y1), outline=pen["fill"], width=pen["width"])
        if depth == 0 or min(x1 - x0, y1 - y0) < 40:
            r = min(x1 - x0, y1 - y0) * rng.choice([0, 0, 0.4])
            draw.arc((x0 - r, y0 - r, x0 + r, y0 + r), 0, 90, **pen)
            return
        at = rng.uniform(0.3, 0.7)
        if x1 - x0 > y1 - y0:
            middle = x0 + (x1 - x0) * at
            split(x0, y0, middle, y1, depth - 1)
            split(middle, y0, x1, y1, depth - 1)
        else:
            middle = y0 + (y1 - y0) * at
            split(x0, y0, x1, middle, depth - 1)
            split(x0, middle, x1, y1, depth - 1)

    split(20, 20, width - 20, height - 20, rng.randint(2, 4))


def axes_and_circles(draw, rng, size, pen):
    """A technical drawing: circles around axes, and the lines of measures."""
    width, height = size
    for _ in range(rng.randint(1, 4)):
        x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
        for _ in range(rng.randint(1, 5)):
            r = rng.uniform(0.03, 0.35) * min(width, height)
            draw.ellipse((x - r, y - r, x + r, y + r), outline=pen["fill"], width=pen["width"])
        for at in range(0, int(width), 12):
            draw.line((at, y, at + 8, y), fill=pen["fill"])
        draw.line((x, rng.uniform(0, y), x, rng.uniform(y, height)), fill=pen["fill"])


def strokes(draw, rng, size, pen):
    width, height = size
    kinds = rng.choice([[polygon, ring, stroke], [stroke], [stroke], [hatching, stroke]])
    for _ in range(rng.randint(5, 26)):
        at, r = (rng.uniform(0, width), rng.uniform(0, height)), rng.uniform(8, min(width, height) * 0.35)
        rng.choice(kinds)(draw, rng, at, r, pen)


def polygon(draw, rng, at, r, pen):
    sides, turn = rng.randint(3, 8), rng.uniform(0, 6)
    angles = [turn + 2 * math.pi * side / sides for side in range(sides + 1)]
    draw.line([(at[0] + r * math.cos(angle), at[1] + r * math.sin(angle)) for angle in angles], **pen)


def ring(draw, rng, at, r, pen):
    (x, y), flat = at, r * rng.uniform(0.4, 1)
    draw.ellipse((x - r, y - flat, x + r, y + flat), outline=pen["fill"], width=pen["width"])


def hatching(draw, rng, at, r, pen):
    (x, y), tilt = at, rng.uniform(-20, 20)
    for n in range(rng.randint(5, 20)):
        draw.line((x + n * 4, y, x + n * 4 + tilt, y + r), fill=pen["fill"])


def stroke(draw, rng, at, _, pen):
    """A line by hand."""
    (x, y), turn = at, rng.uniform(0, 2 * math.pi)
    points, bend = [at], rng.uniform(0.1, 0.5)
    for _ in range(rng.randint(8, 40)):
        turn += rng.gauss(0, bend)
        x, y = x + 8 * math.cos(turn), y + 8 * math.sin(turn)
        points.append((x, y))
    draw.line(points, joint="curve", **pen)
