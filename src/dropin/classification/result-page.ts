import type { DropInAnswer } from '../../http/drop-in.ts';
import { html } from './markup.ts';
import { pageAnswer } from './page-answer.ts';

export interface AcceptedChoice {
  readonly job: string;
  readonly model: string;
  /** Of the picture; null for an upload without one. */
  readonly name: string | null;
  /** Of the picture. */
  readonly address: string;
}

/** The picture, and the place where the script of the page draws the scores once they are there. */
export function resultPage({ job, model, name, address }: AcceptedChoice): DropInAnswer {
  const title = name ?? 'A picture of yours';
  return pageAnswer({
    status: 200,
    title,
    job,
    body: html`<h1>${title}</h1>
<div class="result">
<figure class="panel"><img id="picture" src="${address}" alt="${title}"></figure>
<section class="panel" aria-labelledby="scores">
<h2 id="scores">Output scores</h2>
<p class="quiet">Model ${model}</p>
<p id="waitText" role="status">Please wait ...</p>
<ol id="classificationOutput" hidden></ol>
<noscript><p><a href="/classifications/${job}">Ask for the scores</a></p></noscript>
<p class="links"><a class="submit" href="/classifications">Back</a> <a href="/jobs/${job}">This job</a></p>
</section>
</div>`,
  });
}
