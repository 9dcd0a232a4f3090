import { ScanText } from 'lucide';
import type { JSX } from 'preact';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { formatShare } from '../../../ui/format.ts';
import type { ResultProps } from '../../../ui/service-page.ts';
import { useUrlParameter } from '../../../ui/url-parameter.ts';
import type { PageResult, Result } from '../contract.ts';
import { Downloads } from './downloads.tsx';
import { MoreOutputs } from './more-outputs.tsx';
import './ocr-result.css';
import { PageStrip } from './page-strip.tsx';
import { PageView } from './page-view.tsx';
import { pageText } from './page-words.ts';

/** What was read: the pages with their words, and the ways to take the text away. */
export function OcrResult(props: ResultProps<Result>): JSX.Element {
  const { result, job, client } = props;
  const [asked, setAsked] = useUrlParameter('page');
  const page = result.pages.find(({ number }) => String(number) === asked) ?? result.pages[0];
  if (page === undefined) return <Empty icon={ScanText} title="No page was read" />;
  return (
    <div class="ocr-result">
      <div class="ocr-result-bar">
        <p class="ocr-result-sum">{summary(result)}</p>
        <CopyButton label="Copy all text" text={() => wholeText(result)} />
        <Downloads job={job} result={result} text={wholeText(result)} />
      </div>
      {result.pages.length > 1 && (
        <PageStrip pages={result.pages} chosen={page.number} onChoose={(number) => setAsked(String(number))} />
      )}
      <PageView key={page.number} page={page} job={job} client={client} isOnly={result.pages.length === 1} />
      <MoreOutputs {...props} />
    </div>
  );
}

function summary({ pages, confidence }: Result): string {
  const words = pages.flatMap(({ lines = [] }) => lines).reduce((sum, line) => sum + line.words.length, 0);
  const parts = [
    `${pages.length} ${pages.length === 1 ? 'page' : 'pages'}`,
    ...(words > 0 ? [`${words.toLocaleString()} ${words === 1 ? 'word' : 'words'}`] : []),
    ...(confidence === null ? [] : [`${formatShare(confidence)} sure`]),
  ];
  return parts.join(' · ');
}

function wholeText({ text, pages }: Result): string {
  return (text ?? pages.map((page: PageResult) => pageText(page)).join('\f')).replaceAll('\f', '\n\n');
}
