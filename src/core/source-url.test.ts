import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isGlobalAddress } from './global-address.ts';
import { isInNetwork, parseIp, parseNetwork } from './ip-address.ts';
import { parseSourceRule, type SourceRule } from './source-rules.ts';
import { checkSourceUrl } from './source-url.ts';

const refused = [
  // Loopback in every spelling that some reader takes for it.
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.0.1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://127.0.0.01/',
  'http://127.0.0.1:80/',
  'http://127.255.255.254/',
  'https://127.0.0.1./',
  'http://0/',
  'http://0x/',
  'http://a.0x7f/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:8.8.8.8]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[64:ff9b::10.0.0.1]/',
  'http://[64:ff9b:1::808:808]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  'http://[2001:db8::1]/',
  'http://0.0.0.0/',
  'http://[::]/',
  // Inside networks and the metadata of clouds.
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/',
  'http://metadata.google.internal/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://10.0.0.1/',
  'http://10.255.255.255/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://[fc00::1]/',
  'http://[fdff::1]/',
  'http://[fe80::1]/',
  'http://[fe80::1%25eth0]/',
  'http://[fe80::1%eth0]/',
  'http://[febf::1]/',
  'http://[ff02::1]/',
  'http://[4000::1]/',
  'http://198.18.0.1/',
  'http://224.0.0.1/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  'http://192.0.2.1/',
  // Names of an inside.
  'http://localhost/',
  'http://LOCALHOST/',
  'http://a.localhost/',
  'http://printer.local/',
  'http://db.internal/',
  'http://router/',
  'http://nas.home.arpa/',
  // Other schemes, or none.
  'file:///etc/passwd',
  'ftp://example.org/',
  'gopher://example.org/',
  'data:image/png;base64,AAAA',
  'javascript:alert(1)',
  'jar:http://example.org!/',
  '//example.org/a.png',
  'example.org/a.png',
  '/a.png',
  'http:/example.org/',
  'http:example.org',
  'http:///example.org/',
  'http://',
  'http:///',
  'blob:http://example.org/a',
  // Users, and hosts that hide behind an "@" or a backslash.
  'http://user:pw@example.org/',
  'http://user@example.org/',
  'http://@example.org/',
  'http://ok.com@127.0.0.1/',
  'http://ok.com#@127.0.0.1/',
  'http://ok.com?@127.0.0.1/',
  'http://ok.com\\@127.0.0.1/',
  'http:\\\\127.0.0.1/',
  'http://ok.com\\.evil.example/',
  // Letters that are not what they look like.
  'http://１２７.０.０.１/',
  'http://127。0。0。1/',
  'http://example。org/',
  'http://example．org/',
  'http://①②⑦.0.0.1/',
  'http://ⓔxample.org/',
  'http://%31%32%37.0.0.1/',
  'http://example%2eorg/',
  'http://example.org./',
  'http://example..org/',
  'http://.example.org/',
  'http://-example.org/',
  'http://xn--/',
  'http://a|b.example.org/',
  `http://${'a'.repeat(64)}.example.org/`,
  `http://${'a.'.repeat(130)}org/`,
  // Ports.
  'http://example.org:22/',
  'http://example.org:25/',
  'http://example.org:6379/',
  'http://example.org:5432/',
  'http://example.org:0/',
  'http://example.org:65536/',
  'http://example.org:99999999/',
  'http://example.org:/',
  'http://example.org:080/',
  'http://example.org:80:80/',
  'http://example.org:8o/',
  'http://1.1.1.1:22/',
];

const invalid = [
  '',
  'http://example.org/a b.png',
  ' http://example.org/',
  'http://example.org/\r\nHost: inside',
  'http://example.org\t/',
  'http://exam\nple.org/',
  'http://example.org/\0',
  'http://example.org/\u00a0',
  `http://example.org/${'a'.repeat(65_536)}`,
  `http://example.org/${'ä'.repeat(5_000)}`,
];

const taken: [given: string, href: string, host: string, port: number, path: string][] = [
  ['http://example.org', 'http://example.org/', 'example.org', 80, '/'],
  ['HTTPS://Example.ORG/A.png?b=c#d', 'https://example.org/A.png?b=c', 'example.org', 443, '/A.png?b=c'],
  ['http://example.org:8080/@name', 'http://example.org:8080/@name', 'example.org', 8080, '/@name'],
  [
    'https://example.org:8443/?a=http://127.0.0.1/',
    'https://example.org:8443/?a=http://127.0.0.1/',
    'example.org',
    8443,
    '/?a=http://127.0.0.1/',
  ],
  ['http://1.1.1.1/', 'http://1.1.1.1/', '1.1.1.1', 80, '/'],
  ['http://[2606:4700::1111]/', 'http://[2606:4700::1111]/', '2606:4700::1111', 80, '/'],
  ['http://[64:ff9b::8.8.8.8]/', 'http://[64:ff9b::808:808]/', '64:ff9b::8.8.8.8', 80, '/'],
  [
    'http://my_files.example.org/grün.png',
    'http://my_files.example.org/gr%C3%BCn.png',
    'my_files.example.org',
    80,
    '/gr%C3%BCn.png',
  ],
  ['http://bücher.example/', 'http://xn--bcher-kva.example/', 'xn--bcher-kva.example', 80, '/'],
  ['http://xn--bcher-kva.example/../x', 'http://xn--bcher-kva.example/x', 'xn--bcher-kva.example', 80, '/x'],
];

describe('the spelling of a link', () => {
  test.each(refused)('%s is not allowed', (url) => {
    expect(() => checkSourceUrl(url)).toThrow(expect.objectContaining({ code: 'source-not-allowed' }));
  });

  test.each(invalid)('%j is no link', (url) => {
    expect(() => checkSourceUrl(url)).toThrow(
      expect.objectContaining({ code: 'validation-error', fields: [expect.objectContaining({ pointer: '#/source/url' })] }),
    );
  });

  test.each(taken)('%s is taken', (given, href, host, port, path) => {
    expect(checkSourceUrl(given)).toMatchObject({ href, host, port, path });
  });

  test('whatever is taken, other readers see the same host and port', () => {
    const part = fc.constantFrom(
      'a',
      '1',
      '.',
      '@',
      ':',
      '/',
      '\\',
      '#',
      '?',
      '[',
      ']',
      '%',
      '0x',
      'ｅ',
      '。',
      '127',
      '80',
      '::',
      'org',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          const { href, host, port } = checkSourceUrl(`http://${parts.join('')}`);
          const url = new URL(href);
          expect(Number(url.port || 80)).toBe(port);
          expect(url.hostname.replace(/^\[|\]$/g, '')).toBe(
            isIP(host) === 6 ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host,
          );
        } catch (error) {
          if (!(error instanceof Error && 'code' in error)) throw error;
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

const rules = (...texts: string[]): SourceRule[] =>
  texts.map((text) => {
    const rule = parseSourceRule(text);
    if (rule === null) throw new Error(text);
    return rule;
  });

describe('a rule', () => {
  test.each([
    ['nas', 'http://nas/', true],
    ['nas', 'https://NAS:8443/', true],
    ['nas', 'http://nas:9000/', false],
    ['nas', 'http://other/', false],
    ['nas:9000', 'http://nas:9000/', true],
    ['nas:9000', 'http://nas/', false],
    ['nas:*', 'http://nas:22/', true],
    ['files.example.org:9000', 'http://files.example.org:9000/', true],
    ['files.example.org:9000', 'http://files.example.org/', true],
    ['*.internal', 'http://a.b.internal/', true],
    ['*.internal', 'http://internal/', false],
    ['*.internal', 'http://xinternal/', false],
    ['10.0.0.0/8', 'http://10.9.8.7/', true],
    ['10.0.0.0/8', 'http://10.9.8.7:9000/', false],
    ['10.0.0.0/8', 'http://11.0.0.1/', true],
    ['10.0.0.0/8', 'http://[::ffff:10.0.0.1]/', false],
    ['10.0.0.0/8', 'http://0xa.0.0.1/', false],
    ['10.1.2.3:9000', 'http://10.1.2.3:9000/', true],
    ['10.1.2.3:9000', 'http://10.1.2.3/', false],
    ['10.1.2.3:9000', 'http://10.1.2.4:9000/', false],
    ['[fd00::/8]:8080', 'http://[fd12::1]:8080/', true],
    ['[fd00::/8]:8080', 'http://[fd12::1]/', false],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['127.0.0.1:*', 'http://127.0.0.1:40404/', true],
    ['127.0.0.1:*', 'http://localhost:40404/', false],
    ['127.0.0.1:*', 'http://user@127.0.0.1/', false],
  ])('%s: %s is taken: %s', (rule, url, isTaken) => {
    const check = () => checkSourceUrl(url, rules(rule));
    if (isTaken) expect(check()).toMatchObject({ host: expect.any(String) });
    else expect(check).toThrow(expect.objectContaining({ code: 'source-not-allowed' }));
  });

  test.each([
    '',
    '*',
    '*.',
    '.',
    'a b',
    'http://a',
    'a/8',
    '10.0.0.0/33',
    '10.0.0.1/8',
    '1.2.3',
    '10.0.0.0/8:x',
    'a:0',
    'a:65536',
    'a:',
    '[a]:80',
    '[::1',
    'a..b',
    '-a',
    '0.0.0.0/',
  ])('%j is none', (text) => {
    expect(parseSourceRule(text)).toBeNull();
  });
});

describe('an address', () => {
  test('is read exactly where Node sees one, whatever its spelling', () => {
    const v6 = fc.ipV6().map((text) => text.toUpperCase());
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), v6), (text) => {
        expect(parseIp(text)?.family).toBe(isIP(text));
        if (isIP(text) === 6) expect(parseIp(new URL(`http://[${text}]`).hostname.slice(1, -1))).toEqual(parseIp(text));
      }),
    );
    const noise = fc.array(fc.constantFrom('::', ':', '.', '1', 'ff', '255', '0', '256', 'g', '12345'), { maxLength: 12 });
    fc.assert(
      fc.property(noise, (parts) => {
        const text = parts.join('');
        expect(parseIp(text)?.family ?? 0, text).toBe(isIP(text));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '223.255.255.255',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00::1',
    '64:ff9b::1.1.1.1',
  ])('%s is public', (text) => {
    const address = parseIp(text);
    expect(address !== null && isGlobalAddress(address)).toBe(true);
  });

  test('belongs to the networks that share its beginning', () => {
    const all = parseNetwork('0.0.0.0/0');
    const address = parseIp('200.1.2.3');
    if (all === null || address === null) throw new Error('not read');
    expect(isInNetwork(address, all)).toBe(true);
    expect(isInNetwork({ family: 6, value: 1n }, all)).toBe(false);
  });
});
