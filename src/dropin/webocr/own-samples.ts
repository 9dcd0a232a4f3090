import { isLoopbackName } from '../../http/guard.ts';
import type { Sample } from '../../ports/service.ts';

const titles: Readonly<Record<string, string>> = {
  'ocr.jpg': 'Two words',
  'sample1.jpg': 'A page of print',
  'sample2.jpg': 'A name card',
  'sample3.jpg': 'A notice in large letters',
  'sample4.jpg': 'A list in typewriter letters',
  'sample5.jpg': 'White letters on a dark sign',
};

/** The pictures that WebOCR had to try it with, under the same names; drawn by `scripts/draw-samples.mjs`. */
export const samples: readonly Sample[] = Object.entries(titles).map(([name, title]) => ({
  name,
  title,
  mediaType: 'image/jpeg',
  file: new URL(`./samples/${name}`, import.meta.url),
}));

export const samplesPath = '/static/ocr/';

/**
 * The sample that a link means: one to this server, by the name that the request, or everybody, reaches it under, or by a name of
 * this machine itself with the same port. It is not fetched: this server would have to be allowed to ask itself.
 */
export function sampleOf(link: string, host: string | undefined, publicUrl: string | null): Sample | null {
  if (!/^https?:\/\//i.test(link) || !URL.canParse(link)) return null;
  const { hostname, port, pathname, username, search } = new URL(link);
  const reached = [`http://${host}`, publicUrl ?? ''].filter((url) => URL.canParse(url)).map((url) => new URL(url));
  const isOurs = reached.some((one) => one.port === port && (one.hostname === hostname || isLoopbackName(hostname)));
  if (!isOurs || username !== '' || search !== '') return null;
  return samples.find(({ name }) => pathname === samplesPath + name) ?? null;
}
