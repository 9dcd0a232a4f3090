import type { JSX } from 'preact';
import type { JobView, ServiceView } from '../../client/client.ts';
import type { Json } from '../../core/json.ts';
import { type Field, fieldsOf } from '../hand-in/options/fields.ts';
import { languageName, wordFor } from '../hand-in/options/word-for.ts';
import './job-options.css';

interface JobOptionsProps {
  readonly options: JobView['options'];
  /** Null while it is not known, and where it is no longer installed: options then stand as programs name them. */
  readonly service: ServiceView | null;
}

/** What was chosen, in the words of the form; what stands as the service has it is folded away. */
export function JobOptions({ options, service }: JobOptionsProps): JSX.Element {
  const fields = new Map((service === null ? [] : fieldsOf(service)).map((field) => [field.name, field]));
  const entries = Object.entries(options).map(([name, value]) => ({ name, value, field: fields.get(name) ?? null }));
  const asUsual = entries.filter(({ value, field }) => field !== null && isSame(value, field.fallback));
  const chosen = entries.filter((entry) => !asUsual.includes(entry));
  return (
    <>
      {chosen.length > 0 && <Chips entries={chosen} />}
      {asUsual.length > 0 && (
        <details class="job-options-usual">
          <summary>{chosen.length === 0 ? 'All defaults' : 'The others are defaults'}</summary>
          <Chips entries={asUsual} />
        </details>
      )}
      {entries.length === 0 && 'None'}
    </>
  );
}

interface Entry {
  readonly name: string;
  readonly value: unknown;
  readonly field: Field | null;
}

function Chips({ entries }: { entries: readonly Entry[] }): JSX.Element {
  return (
    <span class="job-facts-chips">
      {entries.map(({ name, value, field }) => (
        <span key={name} class="job-facts-chip" title={name}>
          {`${field?.title ?? name}: ${wordsOf(value, field)}`}
        </span>
      ))}
    </span>
  );
}

function isSame(value: unknown, fallback: Json): boolean {
  return JSON.stringify(value) === JSON.stringify(fallback);
}

function wordsOf(value: unknown, field: Field | null): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (field === null || value === null || value === '') return textOf(value);
  if (Array.isArray(value))
    return value.map((each) => (field.kind === 'rows' ? rowWords(each, field.fields) : oneWord(each, field))).join(', ');
  return oneWord(value, field);
}

function oneWord(value: unknown, { kind }: Field): string {
  if (typeof value !== 'string') return textOf(value);
  if (kind === 'languages') return languageName(value);
  return kind === 'choice' || kind === 'several' ? wordFor(value) : value;
}

/** `Width 100, Height 100, Fit Cover` of one line of several. */
function rowWords(row: unknown, fields: readonly Field[]): string {
  const members = Object.entries(Object(row));
  const words = members.map(([name, value]) => {
    const field = fields.find((each) => each.name === name) ?? null;
    return `${(field?.title ?? name).toLowerCase()} ${wordsOf(value, field).toLowerCase()}`;
  });
  return members.length > 1 ? `(${words.join(', ')})` : words.join('');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'none' : value;
  return value === null ? 'none' : JSON.stringify(value);
}
