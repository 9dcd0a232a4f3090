import type { DropInAnswer } from '../../http/drop-in.ts';
import { html, type Markup } from './markup.ts';

/** The pages run one script of their own, show pictures of this server, and ask nobody else. */
const policy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'",
  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
].join('; ');

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly body: Markup;
  /** The job whose scores the script of the page shows. */
  readonly job?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page of the app in the colours of ours. */
export function pageAnswer({ status, title, body, job, headers }: Page): DropInAnswer & { readonly body: string } {
  const script = '/static/classification/page.js';
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Coatcheck</title>
<link rel="stylesheet" href="/static/classification/theme.css">
<link rel="stylesheet" href="/static/classification/page.css">
${job === undefined ? html`<script type="module" src="${script}"></script>` : html`<script type="module" src="${script}" id="polling" jobid="${job}"></script>`}
<header>
<a class="brand" href="/">Coatcheck</a>
<nav><a href="/classifications">Try it out!</a> <a href="/jobs?service=classifications">Jobs</a></nav>
</header>
<main>
${body}
</main>
</html>
`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'referrer-policy': 'same-origin',
      ...headers,
    },
    body: page.text,
  };
}
