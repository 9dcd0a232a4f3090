import { expect, test } from 'vitest';
import { createProgressLines } from './progress-lines.ts';
import type { Terminal } from './terminal.ts';

function fakeTerminal(interactive: boolean): Terminal & { text: () => string } {
  let text = '';
  return {
    write(more) {
      text += more;
    },
    text: () => text,
    columns: 60,
    interactive,
    paint: (_colour, plain) => plain,
    mark: () => 'ok',
  };
}

test('each of several has a line with a bar, and other text is written above them', () => {
  const terminal = fakeTerminal(true);
  const lines = createProgressLines(terminal, () => 0);
  const [a, b] = [lines.line(), lines.line()];
  a.show('a.png', 0.5, null);
  b.show('b.png', 1, null);
  lines.pause(() => terminal.write('a is done\n'));
  b.clear();
  a.clear();
  const screen = terminal.text().split('\r');
  expect(screen[0]).toMatch(/^a\.png {2}█{12}░{12} {2}50 %\n$/);
  expect(screen[1]).toMatch(/a\.png .*\nb\.png {2}█{24} 100 %\n$/);
  expect(screen[2]).toMatch(/a is done\na\.png .*\nb\.png .*\n$/);
  expect(screen[3]).toMatch(/a\.png .*50 %\n$/);
  expect(screen[4]).toBe('\u001b[1A\u001b[2K');
});

test('where nothing can be redrawn, lines are written now and then', () => {
  const terminal = fakeTerminal(false);
  const lines = createProgressLines(terminal);
  lines.line().show('a.png', 0.5, null);
  lines.line().show('b.png', 1, null);
  expect(terminal.text()).toBe('a.png  50 %\nb.png  100 %\n');
});
