/**
 * The address of what was built of a neighbour: of a module as JavaScript, for child processes and threads, which cannot run
 * TypeScript, or of a part of the web page. From `dist/` that is the neighbour itself; from `src/` (tests) its twin in `dist/`.
 */
export function compiledUrl(neighbour: `./${string}.ts` | `../${string}.html`, importer: string): URL {
  const url = new URL(neighbour.replace(/\.ts$/, '.js'), importer);
  const source = '/src/';
  if (!importer.endsWith('.ts')) return url;
  const at = url.pathname.lastIndexOf(source);
  return new URL(`file://${url.pathname.slice(0, at)}/dist/${url.pathname.slice(at + source.length)}`);
}
