const labelCharsMax = 200;

/**
 * The labels of a model, by index: a text with one in each line (an identifier of WordNet before it is left out), a JSON list of texts,
 * or the JSON object of Keras, `{"0": ["n01440764", "tench"], …}`. Throws an `Error` that says what is wrong.
 */
export function parseLabels(text: string): string[] {
  const labels = /^\s*[[{]/.test(text) ? fromJson(JSON.parse(text)) : fromLines(text);
  if (labels.length === 0) throw new Error('there are no labels in it');
  const wrong = labels.findIndex((label) => label === '' || label.length > labelCharsMax);
  if (wrong >= 0) throw new Error(`the label number ${wrong + 1} is empty or has more than ${labelCharsMax} characters`);
  return labels;
}

function fromLines(text: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const used = lines.at(-1)?.trim() === '' ? lines.slice(0, -1) : lines;
  return used.map((line) => line.trim().replace(/^n\d{8}\s+(?=\S)/, ''));
}

function fromJson(value: unknown): string[] {
  const entries: unknown[] = Array.isArray(value) ? value : inOrder(value);
  return entries.map((entry) => {
    const label: unknown = Array.isArray(entry) ? entry.at(-1) : entry;
    if (typeof label === 'string') return label.trim();
    throw new Error('a label in it is no text');
  });
}

function inOrder(value: unknown): unknown[] {
  const byIndex = new Map(Object.entries(Object(value)));
  return Array.from({ length: byIndex.size }, (_, index) => {
    if (byIndex.has(String(index))) return byIndex.get(String(index));
    throw new Error(`the label number ${index} is missing`);
  });
}
