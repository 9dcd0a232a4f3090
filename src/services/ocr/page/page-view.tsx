import { Maximize, MoveHorizontal, ScanEye, ZoomIn, ZoomOut } from 'lucide';
import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { formatShare } from '../../../ui/format.ts';
import type { PageResult } from '../contract.ts';
import { PagePicture } from './page-picture.tsx';
import { PageText } from './page-text.tsx';
import './page-view.css';
import type { ShownPage } from '../../../ui/use-page-picture.ts';
import { highFrom, middleFrom, numberedLines, pageText } from './page-words.ts';
import { useLinkedWords } from './use-linked-words.ts';
import { useZoom, type Zoom } from './use-zoom.ts';
import { WordLayer } from './word-layer.tsx';

const zoomMax = 6;
const zoomStep = 1.5;

/** One page: its picture with the words over it, beside its text. What is pointed at or selected in one is marked in both. */
export function PageView({ page, job, client, isOnly }: ShownPage<PageResult> & { readonly isOnly: boolean }): JSX.Element {
  const { zoom, setZoom, port } = useZoom();
  const [isShaded, setShaded] = useState(true);
  const view = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => numberedLines(page), [page]);
  const words = useMemo(() => lines.flatMap((line) => line.words.map(({ word }) => word)), [lines]);
  const chosen = useLinkedWords(view, words);
  const scale = zoom === 'page' ? 1 : zoom;

  // Thousands of words: they are drawn once, and marked without drawing them again.
  const layer = useMemo(() => <WordLayer page={page} words={words} />, [page, words]);
  const text = useMemo(() => <PageText page={page} lines={lines} />, [page, lines]);
  const picture = useMemo(() => <PagePicture page={page} job={job} client={client} />, [page, job.id]);

  return (
    <div class={`page-view${isShaded ? ' page-view-shaded' : ''}`} ref={view}>
      <div class="page-view-half">
        <div class="page-view-bar">
          <Button kind="quiet" icon={ZoomOut} label="Smaller" disabled={scale <= 1} onClick={() => setZoom(scale / zoomStep)} />
          <span class="page-view-zoom">{zoom === 'page' ? 'Page' : formatShare(zoom)}</span>
          <Button
            kind="quiet"
            icon={ZoomIn}
            label="Larger"
            disabled={scale >= zoomMax}
            onClick={() => setZoom(Math.min(scale * zoomStep, zoomMax))}
          />
          <Button kind="quiet" icon={MoveHorizontal} label="Fit the width" onClick={() => setZoom(1)} />
          <Button kind="quiet" icon={Maximize} label="Fit the whole page" onClick={() => setZoom('page')} />
          <span class="page-view-chosen" role="status">
            {chosen}
          </span>
        </div>
        <div class="page-view-port" ref={port}>
          <div class="page-view-sheet" style={{ width: widthOf(zoom, page), aspectRatio: `${page.width} / ${page.height}` }}>
            {picture}
            {layer}
          </div>
        </div>
      </div>
      <div class="page-view-half">
        <div class="page-view-bar">
          {page.confidence !== null && (
            <>
              <Button kind="quiet" icon={ScanEye} aria-pressed={isShaded} onClick={() => setShaded(!isShaded)}>
                Show doubt
              </Button>
              {isShaded && <Legend />}
            </>
          )}
          <span class="page-view-gap" />
          {!isOnly && <CopyButton label="Copy page" text={() => pageText(page)} />}
        </div>
        {text}
      </div>
    </div>
  );
}

/** A page that is to be seen as a whole is as high as the part that shows it. */
function widthOf(zoom: Zoom, { width, height }: PageResult): string {
  return zoom === 'page' ? `min(100%, calc(var(--page-view-height) * ${width / height}))` : `${zoom * 100}%`;
}

function Legend(): JSX.Element {
  return (
    <span class="page-view-legend">
      <span class="page-view-key page-view-key-middle">under {formatShare(highFrom)}</span>
      <span class="page-view-key page-view-key-low">under {formatShare(middleFrom)}</span>
    </span>
  );
}
