import { Download, FileImage } from 'lucide';
import type { JSX } from 'preact';
import { Button } from '../../../ui/button.tsx';
import { formatBytes, formatCount } from '../../../ui/format.ts';
import { Icon } from '../../../ui/icon.tsx';
import { fileUrl, type ResultProps } from '../../../ui/service-page.ts';
import { shownByBrowsers } from '../../../ui/shown-by-browsers.ts';
import type { Result } from '../contract.ts';
import { Thumbnail } from './thumbnail.tsx';
import './thumbnails-result.css';

/** Browsers drop downloads that begin in the same moment. */
const betweenDownloadsMs = 300;

/** The pictures in their sizes, beside what they were made of. */
export function ThumbnailsResult({ job, result }: ResultProps<Result>): JSX.Element {
  const { thumbnails } = result;
  return (
    <div class="thumbnails-result">
      <Original job={job} source={result.source} />
      <section class="thumbnails-result-made" aria-label="Thumbnails">
        <div class="thumbnails-result-head">
          <h2>{`${thumbnails.length} ${thumbnails.length === 1 ? 'thumbnail' : 'thumbnails'}`}</h2>
          {thumbnails.length > 1 && (
            <Button icon={Download} onClick={() => saveAll(thumbnails)}>
              Download all
            </Button>
          )}
        </div>
        <div class="thumbnails-result-grid">
          {thumbnails.map((thumbnail) => (
            <Thumbnail key={thumbnail.file} thumbnail={thumbnail} sourceBytes={job.source?.bytes ?? null} />
          ))}
        </div>
      </section>
    </div>
  );
}

function Original({ job, source }: Pick<ResultProps<Result>, 'job'> & { source: Result['source'] }): JSX.Element {
  const file = job.source?.file ?? null;
  const isShown = file !== null && shownByBrowsers.has(source.mediaType);
  const isPdf = source.mediaType === 'application/pdf';
  return (
    <figure class="thumbnails-result-original">
      <h2>Original</h2>
      {isShown ? (
        <img
          class="thumbnails-result-picture"
          src={fileUrl(file)}
          alt="What was handed in"
          style={{ width: `${source.width}px`, aspectRatio: `${source.width} / ${source.height}` }}
        />
      ) : (
        <div class="thumbnails-result-picture thumbnails-result-unseen">
          <Icon node={FileImage} size={36} />
          Browsers do not show this kind of file in place.
        </div>
      )}
      <figcaption>
        <strong>{`${formatCount(source.width)} × ${formatCount(source.height)}${isPdf ? ' pt' : ''}`}</strong>
        <span>{wordsOf(source, job.source?.bytes ?? null)}</span>
      </figcaption>
    </figure>
  );
}

function wordsOf({ mediaType, frames }: Result['source'], bytes: number | null): string {
  const parts = mediaType === 'application/pdf' || mediaType === 'image/tiff' ? 'pages' : 'frames';
  return [
    mediaType,
    ...(bytes === null ? [] : [formatBytes(bytes)]),
    ...(frames > 1 ? [`${formatCount(frames)} ${parts}`] : []),
  ].join(' · ');
}

/** One after the other; the browser asks once whether it may save several. */
function saveAll(thumbnails: Result['thumbnails']): void {
  for (const [at, { file }] of thumbnails.entries()) {
    setTimeout(() => {
      const link = document.createElement('a');
      link.href = fileUrl(file);
      link.download = '';
      link.click();
    }, at * betweenDownloadsMs);
  }
}
