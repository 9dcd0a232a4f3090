"""Pictures in which there is nothing: blank paper, plain colours, noise."""

import numpy as np

from .ink import cloud, colour, noise_of, paper, picture_of


def blank_or_noise(rng):
    width, height = rng.randint(96, 300), rng.randint(96, 300)
    return picture_of(rng.choice([plain, plain, stained, gradient, noise, noise, specks, grain])(rng, width, height))


def plain(rng, width, height):
    values = np.empty((height, width, 3), np.float32)
    values[:] = rng.choice([paper(rng), colour(rng), (rng.randint(0, 255),) * 3, (0, 0, 0), (255, 255, 255)])
    return values


def stained(rng, width, height):
    return np.array(paper(rng)) + ((cloud(rng, width, height, 0.4) - 0.5) * rng.uniform(2, 22))[..., None]


def gradient(rng, width, height):
    a, b = np.array(colour(rng), np.float32), np.array(colour(rng), np.float32)
    run = np.linspace(0, 1, width)[None, :, None] if rng.random() < 0.5 else np.linspace(0, 1, height)[:, None, None]
    return np.broadcast_to(a * (1 - run) + b * run, (height, width, 3))


def noise(rng, width, height):
    cell = rng.choice([1, 1, 2, 3, 5, 9])
    values = noise_of(rng).integers(0, 256, (height // cell + 1, width // cell + 1, rng.choice([1, 3])), dtype=np.uint8)
    return np.broadcast_to(values.repeat(cell, 0).repeat(cell, 1)[:height, :width], (height, width, 3))


def specks(rng, width, height):
    values = np.empty((height, width, 3), np.float32)
    values[:] = paper(rng)
    values[noise_of(rng).random((height, width)) < rng.uniform(0.0005, 0.02)] = rng.randint(0, 120)
    return values


def grain(rng, width, height):
    return plain(rng, width, height) + noise_of(rng).normal(0, rng.uniform(2, 30), (height, width, 1))
