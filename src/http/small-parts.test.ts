import { describe, expect, test } from 'vitest';
import { limits } from '../core/limits.ts';
import { negotiate } from './accept.ts';
import { eventCursor, eventPosition, listCursor, listPosition } from './cursor.ts';
import { createGuard } from './guard.ts';
import { cleanFileName } from './intake/file-name.ts';
import { moment } from './moment.ts';
import { valueFromText } from './option-text.ts';
import { preferredWaitSeconds } from './prefer.ts';

const id = '01234567-89ab-7def-8123-456789abcdef';

test('the type that is liked best is chosen, the first offered among equals', () => {
  const types = ['application/json', 'text/html'];
  expect(negotiate(undefined, types)).toBe('application/json');
  expect(negotiate('text/html,*/*;q=0.8', types)).toBe('text/html');
  expect(negotiate('*/*', types)).toBe('application/json');
  expect(negotiate('application/*;q=0.5, text/*;q=0.1', types)).toBe('application/json');
  expect(negotiate('application/json;q=0, */*', types)).toBe('text/html');
  expect(negotiate('application/xml', types)).toBeNull();
});

test('a cursor leads back to its place and to no other list', () => {
  expect(eventPosition(eventCursor(12_345))).toBe(12_345);
  expect(listPosition(listCursor(id, { caller: 'ann' }), { caller: 'ann' })).toBe(id);
  for (const forged of ['', 'ZTE=', 'e1', eventCursor(1).slice(1)])
    expect(() => eventPosition(forged)).toThrow(expect.objectContaining({ code: 'invalid-cursor' }));
  expect(() => listPosition(listCursor(id, { caller: 'ann' }), { caller: 'bob' })).toThrow(
    expect.objectContaining({ code: 'invalid-cursor' }),
  );
});

describe('the guard of the open mode', () => {
  const guard = createGuard({ host: '192.168.1.5', publicUrl: 'https://coats.example' });
  test.each([
    'localhost',
    'localhost:8080',
    '127.0.0.1:1',
    '127.9.9.9',
    '[::1]:8080',
    '192.168.1.5:80',
    'coats.example',
    'COATS.example:443',
  ])('serves %s', (host) => expect(() => guard.check('GET', { host })).not.toThrow());
  test.each(['evil.example', 'localhost.evil.example', 'coats.example.evil', '128.0.0.1', '[::2]', ''])(
    'does not serve %j',
    (host) => expect(() => guard.check('GET', { host })).toThrow(expect.objectContaining({ code: 'host-not-allowed' })),
  );
  test('takes changes from the page at its public address', () => {
    expect(() => guard.check('POST', { host: 'localhost:8080', origin: 'https://coats.example' })).not.toThrow();
    expect(() => guard.check('POST', { host: 'localhost:8080', origin: 'http://localhost:8081' })).toThrow(
      expect.objectContaining({ code: 'origin-not-allowed' }),
    );
    expect(() => guard.check('GET', { host: 'localhost:8080', origin: 'http://evil.example' })).not.toThrow();
  });
});

test('a moment is a time or a duration from now', () => {
  expect(moment('90s', 1_000, 'runAt')).toBe(91_000);
  expect(moment('1970-01-01T01:00:00+01:00', 0, 'runAt')).toBe(0);
  for (const text of ['soon', '2027-02-30T00:00:00Z', '2027-01-01', `${limits.runAtAheadMsMax / 86_400_000 + 1}d`]) {
    expect(() => moment(text, 0, 'runAt'), text).toThrow(expect.objectContaining({ code: 'validation-error' }));
  }
});

test('text means what the schema says', () => {
  expect(valueFromText('5', { type: 'integer' })).toBe(5);
  expect(valueFromText('05', { type: 'integer' })).toBe('05');
  expect(valueFromText('true', { type: 'boolean' })).toBe(true);
  expect(valueFromText('5', { type: 'string' })).toBe('5');
  expect(valueFromText('a,b', { type: 'array', items: { type: 'string' } })).toEqual(['a', 'b']);
  expect(valueFromText('[{"width":1}]', { type: 'array', items: { type: 'object' } })).toEqual([{ width: 1 }]);
  expect(valueFromText('3', { anyOf: [{ type: 'null' }, { type: 'integer' }] })).toBe(3);
});

test('the seconds to wait are at most a minute', () => {
  expect(preferredWaitSeconds('respond-async, wait=5')).toBe(5);
  expect(preferredWaitSeconds('Wait = 500')).toBe(60);
  expect(preferredWaitSeconds('wait=soon')).toBeNull();
  expect(preferredWaitSeconds(undefined)).toBeNull();
});

test('of a file name the last part is kept, and one that deceives is refused', () => {
  expect(cleanFileName('a/b\\c d.png')).toBe('c d.png');
  expect(cleanFileName('C:x.png')).toBe('x.png');
  expect(cleanFileName('')).toBeNull();
  for (const name of ['..', 'a\u202eb', 'a\nb', '\ud800', 'x'.repeat(256)])
    expect(() => cleanFileName(name)).toThrow(expect.objectContaining({ code: 'validation-error' }));
});
