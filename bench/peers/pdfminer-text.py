"""pdfminer and nothing else: for each line of paths on standard input, one line with the characters and the milliseconds."""

import json
import sys
import time

try:
    from pdfminer.high_level import extract_text
except ImportError:
    sys.exit(3)

print("ready", flush=True)
for line in sys.stdin:
    begin = time.perf_counter()
    characters = sum(len(extract_text(path)) for path in json.loads(line))
    print(json.dumps({"characters": characters, "ms": (time.perf_counter() - begin) * 1000}), flush=True)
