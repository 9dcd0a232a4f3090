/**
 * The address of a sibling module as JavaScript, for child processes and threads, which cannot run TypeScript.
 * From `dist/` that is the sibling itself; from `src/` (tests) it is its compiled twin in `dist/`.
 */
export function compiledUrl(sibling: `./${string}.ts`, importer: string): URL {
  const url = new URL(sibling.replace(/\.ts$/, '.js'), importer);
  const source = '/src/';
  if (!importer.endsWith('.ts')) return url;
  const at = url.pathname.lastIndexOf(source);
  return new URL(`file://${url.pathname.slice(0, at)}/dist/${url.pathname.slice(at + source.length)}`);
}
