import type { FieldError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { defaultSize, type Size } from './contract.ts';

/** Turns both ways to ask for sizes into a list of sizes; asking in both ways at once is an error. */
export function normalize(options: JsonObject): JsonObject | FieldError[] {
  const { sizes, width: _width, height: _height, fit: _fit, enlarge: _enlarge, ...others } = options;
  const single = Object.fromEntries(Object.entries(options).filter(([name]) => singleNames.includes(name)));
  if (sizes === undefined) return { ...others, sizes: [singleSize(single)] };
  if (Object.keys(single).length === 0) return options;
  return Object.keys(single).map((name) => ({
    pointer: `#/options/${name}`,
    detail: `\`${name}\` cannot stand beside \`sizes\`. Put it into an entry of \`sizes\`, or leave \`sizes\` out.`,
  }));
}

const singleNames: readonly string[] = ['width', 'height', 'fit', 'enlarge'] satisfies (keyof Size)[];

/** A fit alone is a fit of the default size; one side alone leaves the other to the picture. */
function singleSize(given: JsonObject): JsonObject {
  if ('width' in given || 'height' in given) return { fit: defaultSize.fit, ...given };
  return { ...defaultSize, ...given };
}
