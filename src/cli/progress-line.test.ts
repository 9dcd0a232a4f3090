import { expect, test } from 'vitest';
import { createProgressLine } from './progress-line.ts';
import { oneLine, type Terminal } from './terminal.ts';

function terminal(interactive: boolean): Terminal & { written: string[] } {
  const written: string[] = [];
  return {
    written,
    write: (text) => written.push(text),
    columns: 40,
    interactive,
    paint: (_colour, text) => text,
    mark: () => '',
  };
}

test('on a terminal one line is redrawn, at most every 50 ms, and never wider than the terminal', () => {
  const out = terminal(true);
  let now = 0;
  const line = createProgressLine(out, () => now);
  line.show('a.jpg', 0, null);
  line.show('a.jpg', 0.1, null);
  now = 60;
  line.show('a.jpg', 0.5, 'page 3 of 7 of a long document');
  line.clear();
  expect(out.written).toHaveLength(3);
  expect(out.written[1]).toBe(`\r\u001b[2Ka.jpg  ${'█'.repeat(12)}${'░'.repeat(12)}  50 %  `);
  expect(out.written[2]).toBe('\r\u001b[2K');
});

test('elsewhere a plain line is written for each quarter', () => {
  const out = terminal(false);
  const line = createProgressLine(out);
  for (let hundredth = 0; hundredth <= 100; hundredth++) line.show('a.jpg', hundredth / 100, null);
  line.show('a.jpg', null, 'waiting');
  line.show('a.jpg', null, 'waiting');
  expect(out.written).toEqual([
    'a.jpg  0 %\n',
    'a.jpg  25 %\n',
    'a.jpg  50 %\n',
    'a.jpg  75 %\n',
    'a.jpg  100 %\n',
    'a.jpg  waiting\n',
  ]);
});

test('text of others cannot move the cursor', () => {
  expect(oneLine('a\u001b[2Jb\r\nc\u202ed')).toBe('a [2Jb c d');
});
