import type { DropInAnswer } from '../../http/drop-in.ts';
import type { FormSession } from './form-sessions.ts';
import { html, type Markup } from './markup.ts';
import { pageAnswer } from './page-answer.ts';

export interface Choices {
  /** The first one is chosen unless another one was. */
  readonly models: readonly { readonly id: string; readonly title: string }[];
  /** Addresses by name. */
  readonly images: ReadonlyMap<string, string>;
}

/** What was chosen before, and what is wrong with it, by field. */
export interface Refused {
  readonly status: number;
  readonly model?: string | undefined;
  readonly image?: string | undefined;
  readonly problems: { readonly model?: string; readonly image?: string; readonly file?: string; readonly form?: string };
}

/** The form: a model, and one of the pictures that are here or one of the visitor. */
export function selectPage({ models, images }: Choices, session: FormSession, refused?: Refused): DropInAnswer {
  const { status = 200, model, image, problems = {} } = refused ?? {};
  const shown = images.get(image ?? '') ?? images.values().next().value;
  return pageAnswer({
    status,
    title: 'Select Model and Image',
    headers: session.headers,
    body: html`<h1>Select Model and Image</h1>
${problemOf('form', problems.form)}
<form class="panel" action="/classifications" method="post" enctype="multipart/form-data">
<input id="csrf_token" name="csrf_token" type="hidden" value="${session.token}">
<div class="field"><label for="model">Model</label>
<select id="model" name="model"${described('model', problems.model)}>${options(models, model)}</select>
${problemOf('model', problems.model)}</div>
<div class="field"><label for="image">Image</label>
<select id="image" name="image"${described('image', problems.image)}>${options(imageOptions(images), image)}</select>
${problemOf('image', problems.image)}
${shown === undefined ? '' : html`<img id="preview" src="${shown}" alt="">`}</div>
<div class="field"><label for="file">Or a picture of yours</label>
<input id="file" name="file" type="file" accept="image/*"${described('file', problems.file)}>
${problemOf('file', problems.file)}</div>
<input class="submit" id="submit" name="submit" type="submit" value="Submit">
</form>`,
  });
}

interface Option {
  readonly id: string;
  readonly title: string;
  readonly address?: string;
}

function imageOptions(images: ReadonlyMap<string, string>): Option[] {
  return [...images].map(([name, address]) => ({ id: name, title: name, address }));
}

function options(all: readonly Option[], chosen: string | undefined): Markup[] {
  return all.map(
    ({ id, title, address }) =>
      html`<option value="${id}"${address === undefined ? '' : html` data-address="${address}"`}${id === chosen ? html` selected` : ''}>${title}</option>`,
  );
}

function problemOf(field: string, problem: string | undefined): Markup | string {
  return problem === undefined ? '' : html`<p class="problem" id="${field}-problem" role="alert">${problem}</p>`;
}

function described(field: string, problem: string | undefined): Markup | string {
  return problem === undefined ? '' : html` aria-invalid="true" aria-describedby="${field}-problem"`;
}
