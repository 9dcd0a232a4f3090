import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { createProgressLines, forPeople } from './progress-lines.ts';
import { oneLine, type Terminal } from './terminal.ts';

function fakeTerminal(interactive: boolean, columns = 80): Terminal & { written: string[] } {
  const written: string[] = [];
  return {
    write: (text) => void written.push(text),
    written,
    columns,
    interactive,
    paint: (_colour, plain) => plain,
    mark: () => 'ok',
  };
}

/** What one write draws, without the signs that steer the terminal. */
const drawnIn = (text = '') => stripVTControlCharacters(text).replaceAll('\r', '').split('\n');

test('each of several has a line with a bar, drawn together at most every 50 ms', () => {
  const terminal = fakeTerminal(true);
  const clock = new ManualClock();
  const lines = createProgressLines(terminal, { clock });
  const [a, b] = [lines.line(), lines.line()];
  for (let hundredth = 0; hundredth <= 50; hundredth++) a.show('a.png', hundredth / 100, null);
  b.show('long name.png', null, 'waiting');
  expect(terminal.written).toEqual([]);
  clock.advance(50);
  expect(terminal.written.map(drawnIn)).toEqual([
    [`a.png          ${'█'.repeat(10)}${'░'.repeat(10)}  50 %`, 'long name.png  waiting', ''],
  ]);
});

test('a line that goes and comes back within a picture does not flicker', () => {
  const terminal = fakeTerminal(true);
  const clock = new ManualClock();
  const line = createProgressLines(terminal, { clock }).line();
  line.show('a.png', 1, 'uploading');
  line.clear();
  line.show('a.png', null, 'waiting');
  clock.advance(50);
  expect(terminal.written.map(drawnIn)).toEqual([['a.png  waiting', '']]);
});

test('what stays is written above the lines, and nothing is left of them in the end', () => {
  const terminal = fakeTerminal(true);
  const lines = createProgressLines(terminal, { clock: new ManualClock() });
  lines.line().show('a.png', 0.5, null);
  lines.pause(() => terminal.write('b.png is done\n'));
  lines.pause(() => terminal.write('c.png is done\n'));
  lines.clear();
  expect(terminal.written[0]).toBe('b.png is done\n');
  expect(drawnIn(terminal.written[1])[0]).toContain('a.png');
  expect(terminal.written.slice(2, 4)).toEqual(['\u001b[1A\r\u001b[J', 'c.png is done\n']);
  expect(terminal.written.at(-1)).toBe('\u001b[1A\r\u001b[J');
});

test('no line is wider than the terminal: labels lose their middle, messages their end', () => {
  const terminal = fakeTerminal(true, 40);
  const lines = createProgressLines(terminal, { clock: new ManualClock() });
  lines.line().show('https://example.org/a/very/long/path/photo.jpg', 0.5, 'page 3 of 7 of a long document');
  lines.pause(() => undefined);
  expect(drawnIn(terminal.written[0])).toEqual(['https:…to.jpg  █████░░░░░  50 %  page …', '']);
});

test('many are drawn in part', () => {
  const terminal = fakeTerminal(true);
  const lines = createProgressLines(terminal, { clock: new ManualClock() });
  for (let index = 0; index < 20; index++) lines.line().show(`${index}.png`, null, 'waiting');
  lines.pause(() => undefined);
  expect(drawnIn(terminal.written[0])).toHaveLength(17);
  expect(drawnIn(terminal.written[0])[15]).toBe('and 5 more');
});

test('where nothing can be redrawn, a plain line is written for each quarter', () => {
  const terminal = fakeTerminal(false);
  const lines = createProgressLines(terminal);
  const line = lines.line();
  for (let hundredth = 0; hundredth <= 100; hundredth++) line.show('a.jpg', hundredth / 100, null);
  line.show('a.jpg', null, 'waiting');
  line.show('a.jpg', null, 'waiting');
  lines.line().show('b.jpg', 1, null);
  const written = ['a.jpg  0 %', 'a.jpg  25 %', 'a.jpg  50 %', 'a.jpg  75 %', 'a.jpg  100 %', 'a.jpg  waiting', 'b.jpg  100 %'];
  expect(terminal.written).toEqual(written.map((text) => `${text}\n`));
});

test('for people a plain line is written at most once a second, and none for what is over sooner', () => {
  const terminal = fakeTerminal(false);
  const clock = new ManualClock();
  const lines = createProgressLines(terminal, { clock, ...forPeople });
  const [short, long] = [lines.line(), lines.line()];
  for (let tenth = 0; tenth <= 10; tenth++) short.show('a.jpg', tenth / 10, null);
  short.clear();
  for (let tenth = 0; tenth <= 25; tenth++) {
    long.show('b.pdf', tenth / 30, 'reading');
    clock.advance(100);
  }
  clock.advance(5_000);
  expect(terminal.written).toEqual(['b.pdf  30 %  reading\n', 'b.pdf  80 %  reading\n']);
});

test('what waits to be written is not written any more once all lines are taken away', () => {
  const terminal = fakeTerminal(false);
  const clock = new ManualClock();
  const lines = createProgressLines(terminal, { clock, ...forPeople });
  lines.line().show('a.jpg', 0.5, null);
  lines.clear();
  clock.advance(5_000);
  expect(terminal.written).toEqual([]);
});

test('text of others cannot move the cursor', () => {
  expect(oneLine('a\u001b[2Jb\r\nc\u202ed')).toBe('a [2Jb c d');
  const terminal = fakeTerminal(true);
  const lines = createProgressLines(terminal, { clock: new ManualClock() });
  lines.line().show('a\u001b[2J.png', 0.5, 'page\u001b[2J 1');
  lines.pause(() => undefined);
  expect(terminal.written.join('')).not.toContain('\u001b[2J');
});
