"""Charts: bars, lines, areas, points, pies."""

import numpy as np

from .ink import a_font, blank, colour, ink, number, paper, words


def chart(rng):
    height = rng.randint(260, 420)
    width = int(height * rng.uniform(0.9, 1.9))
    is_dark = rng.random() < 0.12
    ground = colour(rng, 10, 50) if is_dark else paper(rng)
    page, draw = blank(rng, width, height, ground)
    fill = (220, 220, 220) if is_dark else ink(rng)
    palette = [colour(rng, 30, 230) for _ in range(7)]
    if rng.random() < 0.15:
        palette = [(shade,) * 3 for shade in (40, 90, 130, 170, 60, 110, 200)]
    if rng.random() < 0.6:
        draw.text((width * rng.uniform(0.1, 0.4), 6), words(rng, 3), font=a_font(rng, 14), fill=fill)
    kind = rng.choice([bars, bars, lines, lines, pie, points, areas, lying_bars])
    if kind is pie:
        pie(draw, rng, (0, 0, width, height), palette, ground)
    else:
        box = (width * rng.uniform(0.06, 0.15), height * 0.12, width * 0.95, height * rng.uniform(0.82, 0.9))
        axes(draw, rng, box, fill, (110,) * 3 if is_dark else (205,) * 3)
        kind(draw, rng, box, palette)
    if rng.random() < 0.4:
        legend(draw, rng, (width * rng.uniform(0.6, 0.8), height * rng.uniform(0.08, 0.3)), palette, fill)
    return page


def axes(draw, rng, box, fill, pale):
    left, top, right, bottom = box
    face = a_font(rng, rng.uniform(8, 12))
    has_grid = rng.random() < 0.6
    for at in range(6):
        y = bottom - (bottom - top) * at / 5
        if has_grid:
            draw.line((left, y, right, y), fill=pale)
        draw.text((4, y - 5), number(rng)[:4], font=face, fill=fill)
    if rng.random() < 0.9:
        draw.line((left, top, left, bottom, right, bottom), fill=fill)
    count = rng.randint(2, 7)
    for at in range(count):
        draw.text((left + (right - left) * at / count, bottom + 4), words(rng, 1)[:5], font=face, fill=fill)


def legend(draw, rng, at, palette, fill):
    x, y = at
    face = a_font(rng, 9)
    for row in range(rng.randint(2, 4)):
        draw.rectangle((x, y + row * 14, x + 9, y + row * 14 + 9), fill=palette[row])
        draw.text((x + 13, y + row * 14 - 1), words(rng, 1), font=face, fill=fill)


def bars(draw, rng, box, palette):
    left, top, right, bottom = box
    count, series = rng.randint(3, 14), rng.randint(1, 4)
    step = (right - left) / count
    wide = step * rng.uniform(0.5, 0.95) / series
    for at in range(count):
        for each in range(series):
            x = left + at * step + step * 0.05 + each * wide
            draw.rectangle((x, bottom - (bottom - top) * rng.uniform(0.05, 0.95), x + wide * 0.95, bottom), fill=palette[each])


def lying_bars(draw, rng, box, palette):
    left, top, right, bottom = box
    count, series = rng.randint(3, 14), rng.randint(1, 4)
    step = (bottom - top) / count
    for at in range(count):
        end = left + (right - left) * rng.uniform(0.05, 0.95)
        draw.rectangle((left, top + (at + 0.1) * step, end, top + (at + 0.9) * step), fill=palette[at % series])


def points(draw, rng, box, palette):
    left, top, right, bottom = box
    for each in range(rng.randint(1, 4)):
        mx, my, slope = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8), rng.uniform(-0.8, 0.8)
        for _ in range(rng.randint(20, 90)):
            dx = rng.gauss(0, 0.18)
            x, y = mx + dx, my + slope * dx + rng.gauss(0, 0.08)
            if 0 < x < 1 and 0 < y < 1:
                px, py, r = left + x * (right - left), bottom - y * (bottom - top), rng.uniform(1.5, 4)
                draw.ellipse((px - r, py - r, px + r, py + r), fill=palette[each])


def curves(rng, box):
    left, top, right, bottom = box
    for _ in range(rng.randint(1, 4)):
        steps = rng.choice([8, 20, 60])
        values = np.cumsum([rng.gauss(0, 1) for _ in range(steps)])
        values = (values - values.min()) / max(1e-6, np.ptp(values)) * rng.uniform(0.3, 0.85) + rng.uniform(0.03, 0.1)
        yield [(left + (right - left) * at / (steps - 1), bottom - (bottom - top) * value) for at, value in enumerate(values)]


def lines(draw, rng, box, palette):
    for curve, fill in zip(curves(rng, box), palette):
        draw.line(curve, fill=fill, width=rng.choice([1, 2, 3]))


def areas(draw, rng, box, palette):
    left, _, right, bottom = box
    for curve, fill in zip(curves(rng, box), palette):
        draw.polygon([*curve, (right, bottom), (left, bottom)], fill=fill)


def pie(draw, rng, box, palette, ground):
    _, _, width, height = box
    r = min(width, height) * rng.uniform(0.28, 0.42)
    cx, cy = width * rng.uniform(0.35, 0.65), height * 0.53
    cuts = np.cumsum([0, *(rng.uniform(0.2, 1) for _ in range(rng.randint(2, 7)))])
    angles = rng.uniform(0, 360) + 360 * cuts / cuts[-1]
    for begin, end, fill in zip(angles, angles[1:], palette):
        draw.pieslice((cx - r, cy - r, cx + r, cy + r), begin, end, fill=fill, outline=ground)
    if rng.random() < 0.3:
        draw.ellipse((cx - r / 2, cy - r / 2, cx + r / 2, cy + r / 2), fill=ground)
