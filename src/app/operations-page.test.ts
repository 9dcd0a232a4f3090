import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPrometheusMetrics } from '../adapters/prometheus/metrics.ts';
import { formatBytes } from '../core/byte-sizes.ts';
import { formatDuration } from '../core/durations.ts';
import { limits } from '../core/limits.ts';
import { executorEnds } from '../ports/executor-pool.ts';
import { settingDefinitions } from './settings.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/operations.md');

/** The rows of the table whose first column has this heading, by the name in the first cell. */
function table(heading: string): Map<string, string> {
  const [, rows = ''] = new RegExp(`^\\| ${heading} \\|.*\\n\\|[ -|]*\\n((?:\\|.*\\n)*)`, 'm').exec(page) ?? [];
  const cells = rows.split('\n').map((row) => row.split('|').map((cell) => cell.trim()));
  return new Map(cells.filter(({ length }) => length > 2).map(([, name = '', value = '']) => [name.replaceAll('`', ''), value]));
}

/** A limit as people read it, by the unit at the end of its name. */
function limitText(name: string, value: number): string {
  if (/Bytes(Max)?$/.test(name)) return formatBytes(value);
  return /Ms(Max)?$/.test(name) ? formatDuration(value) : value.toLocaleString('en');
}

test.each(Object.entries(limits))('the page tells the limit %s as it is', (name, value) => {
  const row = `| \`${name}\` | ${limitText(name, value)} | of what |`;
  expect(table('limit').get(name), `docs/operations.md needs the row: ${row}`).toBe(limitText(name, value));
});

test('the page tells no limit that there is not', () => {
  expect([...table('limit').keys()].filter((name) => !Object.hasOwn(limits, name))).toEqual([]);
});

test('the page tells every setting with its default', () => {
  const told = Object.fromEntries(table('setting'));
  const known = Object.fromEntries(settingDefinitions.map(({ name, fallback }) => [name, fallback ?? 'not set']));
  expect(told).toEqual(known);
});

async function metricNames(): Promise<string[]> {
  const metrics = createPrometheusMetrics('1');
  const ends = Object.fromEntries(executorEnds.map((reason) => [reason, 0])) as Record<(typeof executorEnds)[number], number>;
  const text = await metrics.text({
    queues: [],
    storage: null,
    executors: { busy: 0, idle: 0, residentBytes: 0 },
    executorEnds: ends,
    live: { sockets: 0, bufferedBytes: 0 },
    brokerConnected: true,
    now: 0,
  });
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
}

test('the page tells every metric of ours; the page and the alert rules name none that there is not', async () => {
  const names = await metricNames();
  const ours = names.filter((name) => name.startsWith('coatcheck_'));
  expect(ours.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  const named = [...`${page}${read('docs/alerts.yml')}`.matchAll(/\b(?:coatcheck|nodejs|process)_[a-z0-9_]+/g)].map(
    ([name]) => name,
  );
  expect(named.filter((name) => !names.includes(name.replace(/_bucket$/, '')))).toEqual([]);
  expect(named.length).toBeGreaterThan(30);
});
