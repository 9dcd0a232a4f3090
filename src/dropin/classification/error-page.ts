import type { ServiceError } from '../../core/errors.ts';
import { negotiate } from '../../http/accept.ts';
import type { DropInError } from '../../http/drop-in.ts';
import { jsonBody } from '../json-body.ts';
import { html } from './markup.ts';
import { pageAnswer } from './page-answer.ts';

/** What went wrong: JSON for programs, a page for a browser, which asks for one. */
export function errorPage(error: ServiceError, accept: string | undefined): DropInError {
  const { title, status } = error.kind;
  if (negotiate(accept, ['application/json', 'text/html']) !== 'text/html') return jsonBody({ error: error.message });
  return pageAnswer({
    status,
    title,
    body: html`<h1>${title}</h1>
<div class="panel"><p role="alert">${error.message}</p>
<p class="links"><a class="submit" href="/classifications">Back</a></p></div>`,
  });
}
