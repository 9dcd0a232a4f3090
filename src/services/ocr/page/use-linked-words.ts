import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatShare } from '../../../ui/format.ts';
import type { WordResult } from './page-words.ts';

/** The classes that mark a word: the one that is pointed at or has the focus, and those that are selected. */
const near = 'linked-near';
const chosen = 'linked-chosen';

/**
 * Joins the words on the picture (`.word-layer`) with those of the text (`.page-text`): whichever is pointed at, has the focus or
 * is selected is marked in both. What is selected is the browser's own selection in the text, so that copying works as everywhere.
 * Listens at `view` alone and marks the elements themselves, so that thousands of words stay quick. Gives a sentence on what is selected.
 */
export function useLinkedWords(view: RefObject<HTMLElement | null>, words: readonly WordResult[]): string {
  const [told, setTold] = useState('');
  useEffect(() => {
    const root = view.current;
    const layer = root?.querySelector<HTMLElement>('.word-layer') ?? null;
    const text = root?.querySelector<HTMLElement>('.page-text') ?? null;
    if (root === null || layer === null || text === null) return;
    const linked = new LinkedWords(layer, text);
    const controller = new AbortController();
    const { signal } = controller;
    root.addEventListener('pointerover', (event) => linked.pointed(event), { signal });
    root.addEventListener('pointerleave', () => linked.mark(null), { signal });
    layer.addEventListener('mousedown', (event) => linked.pressed(event), { signal });
    text.addEventListener('click', (event) => linked.clicked(event), { signal });
    root.addEventListener('focusin', (event) => linked.focused(event), { signal });
    root.addEventListener('keydown', (event) => linked.keyed(event), { signal });
    const selected = () => setTold(tell(linked.showSelection(), words));
    document.addEventListener('selectionchange', selected, { signal });
    return () => controller.abort();
  }, [words]);
  return told;
}

class LinkedWords {
  readonly #layer: HTMLElement;
  readonly #text: HTMLElement;
  readonly #boxes: readonly HTMLElement[];
  readonly #spans: readonly HTMLElement[];
  #marked: number | null = null;
  #anchor = 0;

  constructor(layer: HTMLElement, text: HTMLElement) {
    this.#layer = layer;
    this.#text = text;
    this.#boxes = [...layer.querySelectorAll<HTMLElement>('[data-word]')];
    this.#spans = [...text.querySelectorAll<HTMLElement>('[data-word]')];
    // One word of each is reached by Tab; from there the arrows lead on.
    const first = this.#spans[0];
    if (first !== undefined) first.tabIndex = 0;
  }

  mark(at: number | null): void {
    if (at === this.#marked) return;
    this.#toggle(this.#marked, false);
    this.#toggle(at, true);
    this.#marked = at;
  }

  pointed(event: PointerEvent): void {
    const at = wordOf(event.target);
    this.mark(at);
    const isDragged = event.pointerType === 'mouse' && event.buttons === 1 && this.#layer.contains(asNode(event.target));
    if (isDragged && at !== null) this.#select(this.#anchor, at);
  }

  /** On the picture: a press selects a word, a drag or Shift the words up to another. */
  pressed(event: MouseEvent): void {
    const at = wordOf(event.target);
    if (at === null || event.button !== 0) return;
    event.preventDefault();
    if (!event.shiftKey) this.#anchor = at;
    this.#focus(this.#boxes[at]);
    this.#select(this.#anchor, at);
    reveal(this.#text, this.#spans[at]);
  }

  /** In the text: a plain click selects a word; a drag is left to the browser. */
  clicked(event: MouseEvent): void {
    const at = wordOf(event.target);
    if (at === null || getSelection()?.isCollapsed === false) return;
    this.#anchor = at;
    this.#select(at, at);
    this.#revealBox(at);
  }

  focused(event: FocusEvent): void {
    const at = wordOf(event.target);
    if (at === null) return;
    this.mark(at);
    const isOnPicture = this.#layer.contains(asNode(event.target));
    if (isOnPicture) reveal(this.#text, this.#spans[at]);
    else this.#revealBox(at);
  }

  keyed(event: KeyboardEvent): void {
    const at = wordOf(event.target);
    if (at === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOnPicture = this.#layer.contains(asNode(event.target));
    if (event.key === 'Enter' || event.key === ' ') {
      this.#anchor = event.shiftKey ? this.#anchor : at;
      this.#select(this.#anchor, at);
    } else {
      const to = this.#step(event.key, at);
      if (to === null) return;
      this.#focus((isOnPicture ? this.#boxes : this.#spans)[to]);
    }
    event.preventDefault();
  }

  /** Marks on the picture what is selected in the text; gives the first and the last of those words. */
  showSelection(): readonly [first: number, last: number] | null {
    const selection = getSelection();
    const range = selection === null || selection.rangeCount === 0 || selection.isCollapsed ? null : selection.getRangeAt(0);
    const isOurs = range?.intersectsNode(this.#text) === true;
    let first: number | null = null;
    let last = 0;
    for (const [at, span] of this.#spans.entries()) {
      const isChosen = isOurs && range?.intersectsNode(span) === true;
      const box = this.#boxes[at];
      if (box?.classList.toggle(chosen, isChosen) !== undefined) box.ariaSelected = String(isChosen);
      if (!isChosen) continue;
      first ??= at;
      last = at;
    }
    return first === null ? null : [first, last];
  }

  #toggle(at: number | null, isMarked: boolean): void {
    if (at === null) return;
    this.#boxes[at]?.classList.toggle(near, isMarked);
    this.#spans[at]?.classList.toggle(near, isMarked);
  }

  #select(from: number, to: number): void {
    const first = this.#spans[Math.min(from, to)];
    const last = this.#spans[Math.max(from, to)];
    if (first === undefined || last === undefined) return;
    getSelection()?.setBaseAndExtent(first, 0, last, last.childNodes.length);
  }

  #focus(element: HTMLElement | undefined): void {
    if (element === undefined) return;
    const holder = this.#layer.contains(element) ? this.#boxes : this.#spans;
    for (const each of holder) if (each.tabIndex === 0 && each !== element) each.tabIndex = -1;
    element.tabIndex = 0;
    element.focus({ preventScroll: true });
    reveal(element.closest<HTMLElement>('.page-view-port, .page-text'), element);
  }

  #revealBox(at: number): void {
    reveal(this.#layer.closest<HTMLElement>('.page-view-port'), this.#boxes[at]);
  }

  /** Where a key leads from a word: along the words, or to the nearest word of the line above or below. */
  #step(key: string, at: number): number | null {
    const last = this.#spans.length - 1;
    if (key === 'ArrowRight') return Math.min(at + 1, last);
    if (key === 'ArrowLeft') return Math.max(at - 1, 0);
    if (key === 'Home') return 0;
    if (key === 'End') return last;
    if (key !== 'ArrowDown' && key !== 'ArrowUp') return null;
    const line = this.#spans[at]?.parentElement;
    const other = key === 'ArrowDown' ? line?.nextElementSibling : line?.previousElementSibling;
    return nearest(this.#boxes[at], [...(other?.querySelectorAll<HTMLElement>('[data-word]') ?? [])], this.#boxes) ?? at;
  }
}

function nearest(box: HTMLElement | undefined, spans: readonly HTMLElement[], boxes: readonly HTMLElement[]): number | null {
  const middle = (element: HTMLElement | undefined) => (element === undefined ? 0 : element.offsetLeft + element.offsetWidth / 2);
  const found = spans.map(wordOf).filter((at) => at !== null);
  const distance = (at: number) => Math.abs(middle(boxes[at]) - middle(box));
  return found.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

function wordOf(target: EventTarget | null): number | null {
  const word = target instanceof Element ? target.closest<HTMLElement>('[data-word]')?.dataset.word : undefined;
  return word === undefined ? null : Number(word);
}

function asNode(target: EventTarget | null): Node | null {
  return target instanceof Node ? target : null;
}

/** Scrolls within `pane` alone: the page itself stays where it is. */
function reveal(pane: HTMLElement | null, element: HTMLElement | undefined): void {
  if (pane === null || element === undefined) return;
  const outer = pane.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  const margin = 24;
  if (inner.top < outer.top) pane.scrollTop -= outer.top - inner.top + margin;
  else if (inner.bottom > outer.bottom) pane.scrollTop += inner.bottom - outer.bottom + margin;
  if (inner.left < outer.left) pane.scrollLeft -= outer.left - inner.left + margin;
  else if (inner.right > outer.right) pane.scrollLeft += inner.right - outer.right + margin;
}

function tell(range: readonly [number, number] | null, words: readonly WordResult[]): string {
  if (range === null) return '';
  const [first, last] = range;
  const word = words[first];
  if (first !== last || word === undefined) return `${last - first + 1} words selected`;
  return word.confidence === null ? `“${word.text}”` : `“${word.text}” · ${formatShare(word.confidence)} sure`;
}
