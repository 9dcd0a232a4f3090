import { expect, test } from 'vitest';
import { sampleOf } from './own-samples.ts';

test.each([
  ['http://localhost:1234/static/ocr/sample1.jpg', 'localhost:1234', null],
  ['http://127.0.0.1:1234/static/ocr/sample1.jpg', 'localhost:1234', null],
  ['http://localhost:1234/static/ocr/sample1.jpg', '[::1]:1234', null],
  ['HTTP://Scans.Example:1234/static/ocr/sample1.jpg#top', 'scans.example:1234', null],
  ['http://localhost/static/ocr/sample1.jpg', 'localhost', null],
  ['https://scans.example/static/ocr/sample1.jpg', '127.0.0.1:8080', 'https://scans.example'],
])('%s means the sample of a server that is reached as %s (%s)', (link, host, publicUrl) => {
  expect(sampleOf(link, host, publicUrl)?.name).toBe('sample1.jpg');
});

test.each([
  ['http://localhost:1235/static/ocr/sample1.jpg', 'localhost:1234'],
  ['http://example.com:1234/static/ocr/sample1.jpg', 'localhost:1234'],
  ['http://localhost.example:1234/static/ocr/sample1.jpg', 'localhost:1234'],
  ['http://localhost:1234/static/ocr/sample9.jpg', 'localhost:1234'],
  ['http://localhost:1234/static/ocr/', 'localhost:1234'],
  ['http://localhost:1234/static/ocr/sample1.jpg?other', 'localhost:1234'],
  ['http://me@localhost:1234/static/ocr/sample1.jpg', 'localhost:1234'],
  ['file://localhost:1234/static/ocr/sample1.jpg', 'localhost:1234'],
  ['/static/ocr/sample1.jpg', 'localhost:1234'],
  ['garbage', 'localhost:1234'],
  ['http://localhost:1234/static/ocr/sample1.jpg', undefined],
])('%s is a link like any other for a server that is reached as %s', (link, host) => {
  expect(sampleOf(link, host, null)).toBe(null);
});
