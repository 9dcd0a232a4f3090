import { useRef } from 'preact/hooks';
import { usePageKeys } from '../keys.tsx';
import { labelFieldId } from './label-field.tsx';
import type { Selection } from './use-selection.ts';

/** The list by keyboard. Enter opens a job: its row is a link. */
export function useJobKeys(selection: Selection): void {
  const latest = useRef(selection);
  latest.current = selection;
  usePageKeys([
    { keys: 'j', what: 'Next job', run: () => move(1) },
    { keys: 'k', what: 'Job before', run: () => move(-1) },
    { keys: 'x', what: 'Choose the job', run: () => toggle(false) },
    { keys: 'X', what: 'Choose all up to the job', run: () => toggle(true) },
    { keys: 'Escape', what: 'Choose none', run: () => latest.current.clear() },
    { keys: '/', what: 'Filter by label', run: () => document.getElementById(labelFieldId)?.focus() },
  ]);

  function toggle(isRange: boolean): void {
    const id = currentRow()?.dataset.job;
    if (id !== undefined) latest.current.toggle(id, isRange);
  }
}

function currentRow(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>('[data-job]') ?? null;
}

function move(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-job]')];
  const current = currentRow();
  const at = current === null ? (by > 0 ? 0 : rows.length - 1) : rows.indexOf(current) + by;
  rows[at]?.querySelector<HTMLElement>('.job-row-link')?.focus();
}
