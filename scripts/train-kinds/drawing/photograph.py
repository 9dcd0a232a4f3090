"""Scenes with the marks of photographs: surfaces that are never quite plain, light from one side, depth of field, grain.

The scene of dead leaves, things of all sizes that cover each other, has the statistics of natural pictures (A. B. Lee, D. Mumford,
J. Huang: Occlusion models for natural images, 2001; M. Baradad and others: Learning to see by looking at noise, 2021).
"""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .ink import blurred, cloud, muted, noise_of, picture_of

ASPECTS = [1.33, 1.33, 1.5, 1.5, 0.67, 0.75, 1, 1.78]


def photograph(rng, size=None):
    if size is None:
        height = rng.randint(140, 230)
        size = (int(height * rng.choice(ASPECTS)), height)
    scene = rng.choice([leaves, leaves, things, things, things, landscape, landscape, close_up, building, night])
    return developed(rng, scene(rng, *size))


def developed(rng, picture):
    """What lens, film and taste do to a scene."""
    height, width = picture.shape[:2]
    if rng.random() < 0.3:
        picture = blurred(picture, rng.uniform(0.4, 1.8))
    if rng.random() < 0.4:
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        away = ((xs / width - 0.5) ** 2 + (ys / height - 0.5) ** 2) * 2
        picture = picture * (1 - rng.uniform(0.1, 0.7) * away)[..., None]
    if rng.random() < 0.5:
        grain = noise_of(rng).normal(0, rng.uniform(1, 9), (height, width, rng.choice([1, 3])))
        picture = picture + grain
    if rng.random() < 0.1:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    mean = picture.mean()
    picture = (picture - mean) * rng.uniform(0.8, 1.5) + mean + rng.gauss(0, 15)
    return picture_of(picture * np.array([rng.uniform(0.9, 1.1) for _ in range(3)]))


def surface(rng, width, height):
    """Colours that go over into each other, with the structure of stone, skin, cloth, wood or grass."""
    a = cloud(rng, width, height, rng.choice([0.35, 0.45, 0.55, 0.65, 0.75, 0.85]))[..., None]
    b = cloud(rng, width, height, rng.choice([0.3, 0.5, 0.7]))[..., None]
    base, spread = np.array(muted(rng), np.float32), rng.choice([12, 25, 50, 80])
    near = [np.clip(base + np.array([rng.gauss(0, spread * 0.5) for _ in range(3)]) + rng.gauss(0, spread), 0, 255) for _ in range(3)]
    values = near[0] * (1 - a) + near[1] * a
    values = values * (1 - b * 0.6) + near[2] * b * 0.6
    structure = rng.random()
    if structure < 0.2:
        values = values + (waves(rng, a[..., 0]) * rng.uniform(5, 40))[..., None]
    elif structure < 0.45:
        values = values + (fibres(rng, width, height) * rng.uniform(6, 40))[..., None]
    return values.astype(np.float32)


def waves(rng, bent):
    height, width = bent.shape
    xs, ys = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    turn, count = rng.uniform(0, math.pi), rng.uniform(3, 40)
    return np.sin((xs * math.cos(turn) + ys * math.sin(turn) + rng.uniform(0.1, 0.5) * bent) * count * 2 * math.pi)


def fibres(rng, width, height):
    """Fur, grass, bark: noise that is drawn out in one direction and bent."""
    long, turn = rng.randint(2, 9), rng.uniform(0, math.pi)
    grain = noise_of(rng).normal(0, 1, (height, width)).astype(np.float32)
    drawn = sum(np.roll(grain, (round(at * math.sin(turn)), round(at * math.cos(turn))), (0, 1)) for at in range(long))
    return warped(rng, drawn / math.sqrt(long), rng.uniform(0, 0.15))


def warped(rng, values, strength):
    """Moves each pixel a little, smoothly: straight edges become those of grown things."""
    height, width = values.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width]
    dx, dy = ((cloud(rng, width, height, 0.4) - 0.5) * 2 * strength * min(width, height) for _ in range(2))
    return values[np.clip(ys + dy, 0, height - 1).astype(int), np.clip(xs + dx, 0, width - 1).astype(int)]


def body_mask(rng, width, height, at, radius):
    """The shape of a thing: round, edged or with limbs, never quite regular. 0 outside, 1 inside."""
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    (x, y), turn = at, rng.uniform(0, 2 * math.pi)
    long, kind = radius * rng.uniform(0.35, 1), rng.random()
    if kind < 0.5:
        count = rng.choice([5, 9, 14, 24])
        wobble = rng.uniform(0, 0.35)
        points = []
        for corner in range(count):
            angle = 2 * math.pi * corner / count
            far = 1 + rng.uniform(-wobble, wobble)
            dx, dy = radius * far * math.cos(angle), long * far * math.sin(angle)
            points.append((x + dx * math.cos(turn) - dy * math.sin(turn), y + dx * math.sin(turn) + dy * math.cos(turn)))
        draw.polygon(points, fill=255)
    elif kind < 0.75:
        for _ in range(rng.randint(2, 6)):
            cx, cy = x + rng.uniform(-0.6, 0.6) * radius, y + rng.uniform(-0.6, 0.6) * radius
            rx, ry = radius * rng.uniform(0.2, 0.6), radius * rng.uniform(0.2, 0.6)
            draw.ellipse((cx - rx, cy - ry, cx + rx, cy + ry), fill=255)
    elif kind < 0.9:
        draw.rounded_rectangle((x - radius, y - long, x + radius, y + long), min(radius, long) * rng.uniform(0, 1), fill=255)
        mask = mask.rotate(rng.choice([0, 0, rng.uniform(-40, 40)]), Image.BILINEAR, center=at)
    else:
        draw.ellipse((x - radius, y - long, x + radius, y + long), fill=255)
    values = np.asarray(mask).astype(np.float32) / 255
    return warped(rng, values, rng.choice([0, 0.02, 0.08])) if radius > 8 else values


def placed(rng, picture, at, radius, lit=None, shade=0.5):
    """Puts a thing in front: rounded by light, with its shadow, and a highlight where it shines."""
    height, width = picture.shape[:2]
    reach = radius * 2 + 4
    left, top = (max(0, int(middle - reach)) for middle in at)
    right, bottom = min(width, int(at[0] + reach)), min(height, int(at[1] + reach))
    if right - left < 4 or bottom - top < 4:
        return picture
    picture = picture.copy()
    lit = rng.uniform(0, 2 * math.pi) if lit is None else lit
    part = picture[top:bottom, left:right]
    picture[top:bottom, left:right] = lit_thing(rng, part, (at[0] - left, at[1] - top), radius, lit, rng.random() < shade)
    return picture


def lit_thing(rng, ground, at, radius, lit, has_shadow):
    height, width = ground.shape[:2]
    mask = body_mask(rng, width, height, at, radius)
    soft = blurred(mask * 255, max(0.6, radius * 0.35)) / 255
    edge = (blurred(mask * 255, rng.choice([0.5, 0.7, 1, 1.5])) / 255)[..., None]
    slope_y, slope_x = np.gradient(soft)
    relief = (slope_x * math.cos(lit) + slope_y * math.sin(lit)) * radius
    light = 1 + np.clip(relief * rng.uniform(0.3, 1.6), -0.7, 0.9)
    body = surface(rng, width, height) * light[..., None]
    if rng.random() < 0.35:
        body = body + (255 * rng.uniform(0.3, 1) * np.clip(relief * 2 - rng.uniform(0.5, 1), 0, 1))[..., None]
    if has_shadow:
        away = (round(-radius * 0.25 * math.cos(lit)), round(-radius * 0.25 * math.sin(lit)) + 1)
        shadow = np.asarray(Image.fromarray(soft).rotate(0, translate=away))
        ground = ground * (1 - shadow * rng.uniform(0.2, 0.8))[..., None]
    return ground * (1 - edge) + body * edge


def things(rng, width, height):
    """One thing or some on a ground: a table, a wall, a studio, a meadow out of focus."""
    kind = rng.random()
    if kind < 0.25:
        falls = cloud(rng, width, height, 0.3)[..., None] * rng.uniform(0, 40)
        picture = np.array([rng.uniform(215, 255)] * 3) - falls
    else:
        picture = surface(rng, width, height)
        if kind < 0.55:
            picture = beyond(rng, picture, rng.uniform(0.3, 0.8))
        if rng.random() < 0.6:
            picture = blurred(picture, rng.uniform(1, 9))
    side, lit = min(width, height), rng.uniform(0, 2 * math.pi)
    count = rng.choice([1, 1, 1, 2, 3, 5, 9])
    for _ in range(count):
        at = (width * rng.gauss(0.5, 0.12 + 0.02 * count), height * rng.gauss(0.55, 0.12 + 0.02 * count))
        radius = side * rng.uniform(0.2, 0.55) / math.sqrt(count)
        picture = placed(rng, picture, at, radius, lit)
        for _ in range(rng.choice([0, 0, 2, 4])):
            part = (at[0] + rng.uniform(-0.6, 0.6) * radius, at[1] + rng.uniform(-0.6, 0.6) * radius)
            picture = placed(rng, picture, part, radius * rng.uniform(0.08, 0.35), lit, shade=0.2)
    return picture


def beyond(rng, picture, share):
    """Another surface below a line: ground, table, water."""
    height, width = picture.shape[:2]
    ys = np.mgrid[0:height, 0:width][0]
    line = height * (share + rng.choice([0, 0.05, 0.15, 0.3]) * (cloud(rng, width, 1, 0.5) - 0.5))
    below = np.clip((ys - line) / rng.uniform(0.5, 4), 0, 1)[..., None]
    return picture * (1 - below) + surface(rng, width, height) * below


def leaves(rng, width, height):
    """Things of all sizes, those behind out of focus."""
    picture = surface(rng, width, height)
    count = rng.choice([12, 25, 40])
    is_focus_far = rng.random() < 0.3
    palette = [surface(rng, width, height) for _ in range(rng.randint(2, 6))]
    for at in range(count):
        radius = min(width, height) * 0.03 / max(0.05, rng.random())
        centre = (rng.uniform(0, width), rng.uniform(0, height))
        mask = blurred(body_mask(rng, width, height, centre, min(radius, 0.5 * height)) * 255, 0.6) / 255
        body = palette[rng.randrange(len(palette))] * rng.uniform(0.6, 1.3)
        picture = picture * (1 - mask[..., None]) + body * mask[..., None]
        if not is_focus_far and at in (count // 3, count * 2 // 3) and rng.random() < 0.7:
            picture = blurred(picture, rng.uniform(0.7, 4))
    return picture


def landscape(rng, width, height):
    """Sky, clouds, ridges that fade with the distance, and what stands in front."""
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky = np.array([[rng.uniform(90, 200), rng.uniform(130, 220), rng.uniform(180, 255)], [rng.uniform(180, 255) for _ in range(3)]])
    picture = sky[0] * (1 - down) + sky[1] * down + np.zeros((height, width, 3), np.float32)
    white = np.clip((cloud(rng, width, height, 0.6) - rng.uniform(0.3, 0.7)) * 3, 0, 1)[..., None] * rng.uniform(0, 0.9)
    picture = picture * (1 - white) + rng.uniform(200, 255) * white
    ridges = rng.randint(1, 4)
    line = rng.uniform(0.2, 0.6)
    for at in range(ridges):
        before = picture
        picture = beyond(rng, picture, line)
        haze = 0.6 * (1 - (at + 1) / ridges) * rng.uniform(0.3, 1)
        picture = picture * (1 - haze) + before.mean(axis=(0, 1)) * haze
        line += rng.uniform(0.08, 0.25)
    for _ in range(rng.choice([0, 0, 1, 3])):
        at = (rng.uniform(0, width), height * rng.uniform(0.5, 0.9))
        picture = placed(rng, picture, at, height * rng.uniform(0.05, 0.3))
    return picture


def close_up(rng, width, height):
    """One surface that fills the picture, sharp in a strip of it."""
    picture = surface(rng, width, height)
    for _ in range(rng.choice([0, 4, 15, 30])):
        at = (rng.uniform(0, width), rng.uniform(0, height))
        picture = placed(rng, picture, at, height * rng.uniform(0.02, 0.12))
    picture = warped(rng, picture, rng.uniform(0, 0.15))
    soft = blurred(picture, rng.uniform(2, 8))
    away = np.abs(np.linspace(0, 1, height) - rng.uniform(0.2, 0.8))[:, None, None]
    share = np.clip(away * rng.uniform(0, 5) - 0.3, 0, 1)
    return picture * (1 - share) + soft * share


def building(rng, width, height):
    """Walls and their windows, seen at an angle, or shelves and what stands on them."""
    picture = landscape(rng, width, height) if rng.random() < 0.6 else surface(rng, width, height)
    for _ in range(rng.randint(1, 3)):
        w, h = width * rng.uniform(0.3, 1), height * rng.uniform(0.4, 1)
        wall = picture_of(surface(rng, int(w), int(h)))
        draw = ImageDraw.Draw(wall)
        across, down = rng.randint(2, 8), rng.randint(2, 8)
        pane = [int(part) for part in muted(rng)]
        share = rng.uniform(0.4, 0.85)
        for column in range(across):
            for row in range(down):
                x, y = w * column / across, h * row / down
                fill = tuple(int(np.clip(part * rng.uniform(0.5, 1.3), 0, 255)) for part in pane)
                draw.rectangle((x + w / across * (1 - share), y + h / down * (1 - share), x + w / across * share, y + h / down * share), fill=fill)
        lean = rng.uniform(-0.3, 0.3) * h
        corners = (0, max(0, lean), 0, h - max(0, lean), w, h + min(0, -lean), w, max(0, -lean))
        seen = wall.convert("RGBA").transform(wall.size, Image.QUAD, corners, Image.BILINEAR).rotate(rng.gauss(0, 2), Image.BILINEAR, expand=True)
        whole = picture_of(picture)
        whole.paste(seen, (int(rng.uniform(-0.2, 0.7) * width), int(height * rng.uniform(0.9, 1.05) - h)), seen)
        picture = np.asarray(whole).astype(np.float32)
    light = cloud(rng, width, height, 0.4)[..., None]
    return picture * (1 - rng.uniform(0, 0.5) * light)


def night(rng, width, height):
    """Lights before the dark, mostly out of focus."""
    picture = surface(rng, width, height) * rng.uniform(0.05, 0.3)
    lights = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(lights)
    for _ in range(rng.randint(2, 40)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), height * rng.uniform(0.005, 0.07)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(int(min(255, part * 1.3)) for part in muted(rng)))
    glow = lights.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 4)))
    picture = picture + np.asarray(glow).astype(np.float32) * rng.uniform(0.6, 1.2)
    for _ in range(rng.choice([0, 1, 2])):
        picture = placed(rng, picture, (rng.uniform(0, width), rng.uniform(0, height)), height * rng.uniform(0.1, 0.4))
    return picture
