import parse from 'parse-prometheus-text-format';
import { call } from './http-server.ts';

export interface Scrape {
  /** With their types and help texts. */
  readonly families: ReturnType<typeof parse>;
  /** Every row by its name (those of histograms end in _bucket, _sum and _count) with its labels. */
  readonly rows: ReturnType<typeof parse>;
}

/** The metrics of a server, read by a parser of the format. */
export async function scrape(url: string): Promise<Scrape> {
  const { status, headers, body } = await call(`${url}/metrics`, { headers: { host: new URL(url).host } });
  if (status !== 200 || !headers['content-type']?.startsWith('text/plain; version=0.0.4')) {
    throw new Error(`the metrics are answered with ${status} ${headers['content-type']}`);
  }
  return { families: parse(body), rows: parse(body.replaceAll(/^# TYPE .*\n/gm, '')) };
}

/** The sum of the rows of a name that have these labels; 0 where there is none. Of a histogram ask for `_count`. */
export function measured({ rows }: Scrape, name: string, labels: Readonly<Record<string, string>> = {}): number {
  return labelled({ rows }, name)
    .filter((row) => Object.entries(labels).every(([label, value]) => row.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

/** The rows of a name. */
export function labelled({ rows }: Pick<Scrape, 'rows'>, name: string): { labels: Record<string, string>; value: number }[] {
  // Rows of one name that do not follow each other come as families of their own.
  const metrics = rows.filter((family) => family.name === name).flatMap((family) => family.metrics);
  return metrics.map(({ labels = {}, value }) => ({ labels, value: Number(value) }));
}
