import { escapeHtml } from '../../http/html.ts';

/** HTML: made by `html` alone, so that nothing gets into a page unescaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A piece of a page; whatever is put into it is escaped, unless it is such a piece itself. */
export function html(strings: TemplateStringsArray, ...values: readonly (string | Markup | readonly Markup[])[]): Markup {
  return new Markup(strings.map((part, at) => part + textOf(values[at] ?? '')).join(''));
}

function textOf(value: string | Markup | readonly Markup[]): string {
  if (typeof value === 'string') return escapeHtml(value);
  return value instanceof Markup ? value.text : value.map(({ text }) => text).join('');
}
