/** A header such as `form-data; name="file"; filename*=UTF-8''a%20b.png`: its value and its parameters, names in lower case. */
export interface ParameterHeader {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const parameter = /;\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*("(?:[^"\\]|\\[\s\S])*"|[^;\s"]*)\s*/gy;

/**
 * Reads a header with parameters; null where it is not well-formed or says a parameter twice. Browsers write quotes and line
 * breaks in names as `%22`, `%0D` and `%0A` (HTML, multipart/form-data encoding); a backslash that escapes nothing stays.
 */
export function parseParameterHeader(header: string): ParameterHeader | null {
  const start = header.indexOf(';');
  const value = (start === -1 ? header : header.slice(0, start)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  if (start === -1) return { value, parameters };
  parameter.lastIndex = start;
  let end = start;
  for (let match = parameter.exec(header); match !== null; match = parameter.exec(header)) {
    const name = (match[1] ?? '').toLowerCase();
    if (parameters.has(name)) return null;
    parameters.set(name, unquoted(match[2] ?? ''));
    end = parameter.lastIndex;
  }
  return /^[;\s]*$/.test(header.slice(end)) ? { value, parameters } : null;
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(["\\])/g, '$1') : text;
}

/** The file name of a Content-Disposition: `filename*` (RFC 8187) where it is readable, else `filename`. */
export function fileNameOf({ parameters }: ParameterHeader): string | undefined {
  const extended = parameters.get('filename*');
  const plain = parameters.get('filename')?.replace(/%22/g, '"').replace(/%0D/gi, '\r').replace(/%0A/gi, '\n');
  if (extended === undefined) return plain;
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(extended)?.[1];
  if (encoded === undefined) return plain;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Broken escapes: RFC 6266 has the plain name for readers who cannot use the other.
    return plain;
  }
}
