"""Trains the bundled model `kinds` on pictures that draw.py draws, and writes it as ONNX beside its labels and description.

Run from anywhere: python3 scripts/train-kinds/train.py (Debian: python3-torch python3-onnx python3-pil python3-numpy fonts-dejavu fonts-liberation).
COUNT and EPOCHS in the environment make it shorter or longer.
"""

import hashlib
import json
import os
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from torch import nn

import draw

COUNT = int(os.environ.get("COUNT", 5600))
CHECKED = COUNT // 10
EPOCHS = int(os.environ.get("EPOCHS", 9))
BATCH = 64
TARGET = Path(__file__).resolve().parents[2] / "src/services/classifications/models/kinds"


def unit(channels_in, channels_out, stride):
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_in, 3, stride, 1, groups=channels_in, bias=False),
        nn.BatchNorm2d(channels_in),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels_in, channels_out, 1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


def network():
    """Patches of 5 pixels first, at each fourth: a text or a surface is known by its texture, and the rest is cheap then."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, 4, 2, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(inplace=True),
        unit(32, 48, 1),
        unit(48, 96, 2),
        unit(96, 96, 1),
        unit(96, 160, 2),
        unit(160, 224, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.1),
        nn.Linear(224, len(draw.KINDS)),
    )


def prepared(pictures):
    return (pictures.permute(0, 3, 1, 2).float() - 127.5) / 63.75


def varied(batch):
    """Cheap changes that make a drawn picture serve for several."""
    size = (batch.shape[0], 1, 1, 1)
    batch = batch * (1 + 0.2 * torch.randn(size)) + 0.15 * torch.randn(size) + 0.06 * torch.randn(batch.shape[0], 3, 1, 1)
    if torch.rand(()) < 0.3:
        batch = batch + 0.1 * torch.rand(()) * torch.randn_like(batch)
    across, down = (int(torch.randint(-5, 6, ())) for _ in range(2))
    batch = torch.roll(batch, (down, across), (2, 3))
    return batch.flip(3) if torch.rand(()) < 0.3 else batch


def main():
    torch.manual_seed(1)
    torch.set_num_threads(2)
    with Pool(2) as pool:
        made = pool.map(draw.example, range(COUNT + CHECKED), chunksize=64)
    pictures = torch.from_numpy(np.stack([picture for picture, _ in made]))
    kinds = torch.tensor([kind for _, kind in made])
    print(f"drew {len(made)} pictures", flush=True)
    net = network()
    steps = EPOCHS * (COUNT // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(EPOCHS):
        net.train()
        order = torch.randperm(COUNT)
        total = 0.0
        for at in range(0, COUNT - BATCH + 1, BATCH):
            chosen = order[at : at + BATCH]
            loss = loss_of(net(varied(prepared(pictures[chosen]))), kinds[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        net.eval()
        with torch.no_grad():
            told = torch.cat([net(prepared(part)).argmax(1) for part in pictures[COUNT:].split(256)])
        right = (told == kinds[COUNT:]).float().mean().item()
        print(f"epoch {epoch + 1}: loss {total / (COUNT // BATCH):.3f}, right on {CHECKED} drawn pictures it has not seen: {right:.3f}", flush=True)
    for at, kind in enumerate(draw.KINDS):
        counts = torch.bincount(told[kinds[COUNT:] == at], minlength=len(draw.KINDS)).tolist()
        print(f"{kind}: told to be {dict(zip(draw.KINDS, counts))}")
    save(net)


def save(net):
    TARGET.mkdir(parents=True, exist_ok=True)
    model, labels = TARGET / "model.onnx", TARGET / "labels.txt"
    torch.onnx.export(
        net,
        torch.zeros(1, 3, draw.SIDE, draw.SIDE),
        str(model),
        input_names=["picture"],
        output_names=["kinds"],
        dynamic_axes={"picture": {0: "count"}, "kinds": {0: "count"}},
        opset_version=13,
    )
    labels.write_text("".join(f"{kind}\n" for kind in draw.KINDS))
    description = {
        "title": "Kinds of pictures",
        "input": {
            "width": draw.SIDE,
            "height": draw.SIDE,
            "layout": "NCHW",
            "mean": [127.5, 127.5, 127.5],
            "scale": [63.75, 63.75, 63.75],
            "fit": "stretch",
            "crop": 1,
        },
        "output": "logits",
        "bytes": model.stat().st_size,
        "sha256": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in (("model", model), ("labels", labels))},
        "licence": "MIT",
        "source": "scripts/train-kinds",
    }
    (TARGET / "model.json").write_text(json.dumps(description, indent=2) + "\n")


if __name__ == "__main__":
    main()
