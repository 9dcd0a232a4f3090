"""For each line on stdin makes a thumbnail of each picture of its share of a folder, and prints the milliseconds for all of them."""

import os
import sys
import time

from wand.image import Image

folder, share, shares = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))][share::shares]
for _ in sys.stdin:
    begin = time.perf_counter()
    for path in paths:
        with Image(filename=path) as image:
            image.transform(resize="100x100")
            image.make_blob()
    print((time.perf_counter() - begin) * 1000, flush=True)
