import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSecretName, redactJson, redactText } from './redact.ts';

const canary = 'c4n4ryC4N4RY';

test.each([
  `postgres://coat:${canary}@db.example/jobs`,
  `amqps://${canary}:x@broker.example`,
  `https://bucket.example/a.png?X-Amz-Date=2026&X-Amz-Signature=${canary}&x=1`,
  `https://blob.example/a?sv=2024&sig=${canary}`,
  `https://api.example/a?access_token=${canary}#top`,
  `https://api.example/a?key=${canary}`,
  `Authorization: Bearer ${canary}`,
  `authorization: Basic ${canary}==`,
  `{"headers":{"authorization":"Bearer ${canary}","x-api-key":"${canary}","cookie":"a=${canary}; b=${canary}"}}`,
  `Cookie: session=${canary}; other=${canary}`,
  `{"options":{"password":"${canary}\\" ${canary}"}}`,
  JSON.stringify({ text: JSON.stringify({ userPassword: canary, accessToken: canary }) }),
  `password=${canary}`,
  `client_secret: ${canary}`,
  `the secret whsec_${canary} and the key cck_${canary}`,
  `it said Bearer ${canary}.`,
])('no secret is left of %s', (text) => {
  expect(redactText(text)).not.toContain(canary);
  expect(redactText(text)).toContain('***');
});

test.each([
  'https://files.example/a%20b.png?width=200&height=100#page=3',
  '#/options/password: The password must be text.',
  'The file is encrypted and needs a password.',
  '{"level":"info","job":"0198","problem":"/problems/password-required","detail":"The file is encrypted and needs a password."}',
  'mail to ann@example.org about tokens=5',
  'GET /v1/jobs/0198?wait=30s',
])('%s has no secret and stays as it is', (text) => {
  expect(redactText(text)).toBe(text);
});

test('of an address the rest stays, so that it can be told which it was', () => {
  expect(redactText(`https://u:${canary}@bucket.example:8443/a.png?X-Amz-Expires=60&X-Amz-Signature=${canary}&part=2`)).toBe(
    'https://***@bucket.example:8443/a.png?X-Amz-Expires=60&X-Amz-Signature=***&part=2',
  );
});

test('options that are secrets by their name are masked at any depth; the others are the very same object', () => {
  expect(redactJson({ pages: '1', password: canary, deep: [{ apiKey: canary, sig: null }] })).toEqual({
    pages: '1',
    password: '***',
    deep: [{ apiKey: '***', sig: null }],
  });
  const plain = { language: ['eng'], width: 3 };
  expect(redactJson(plain)).toBe(plain);
});

test.each(['password', 'ownerPassword', 'X-API-Key', 'webhook_secret', 'sig', 'refresh_token', 'Authorization'])(
  '%s is the name of a secret',
  (name) => expect(isSecretName(name)).toBe(true),
);
test.each(['tokens', 'passwords', 'language', 'signatures', 'design', 'secretary'])('%s is not', (name) =>
  expect(isSecretName(name)).toBe(false),
);

test('a line of JSON stays one, with all that is no secret, whatever the secret is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (secret, other) => {
      const line = JSON.stringify({ password: secret, err: { stack: JSON.stringify({ token: secret }) }, other: `x${other}` });
      const read: unknown = JSON.parse(redactText(line));
      expect(read).toMatchObject({ password: '***' });
    }),
  );
});

test('a text of any kind is done with in a time that grows with its length alone', () => {
  const seconds = (length: number) => {
    const begun = performance.now();
    for (const piece of ['a', 'a://', 'password', '"password":"\\', '?token', 'bearer  '])
      redactText(`token ${piece.repeat(length / piece.length)}`);
    return performance.now() - begun;
  };
  seconds(1_000);
  expect(seconds(200_000) / Math.max(seconds(20_000), 1)).toBeLessThan(40);
});
