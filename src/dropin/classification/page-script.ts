/** The script of the pages, in the browser: shows the picture that is chosen, and draws the scores of a job once they are there. */

const pollMs = 1_000;

interface Status {
  readonly task_status?: string;
  readonly data?: readonly (readonly [label: string, percent: number])[] | null;
  readonly error?: string;
}

const words: Readonly<Record<string, string>> = {
  queued: 'Please wait ...',
  started: 'Job started...',
  finished: '',
};

function useThemeOfVisitor(): void {
  const theme = storedTheme();
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}

/** What was chosen on the page at `/`. */
function storedTheme(): string | null {
  try {
    return localStorage.getItem('coatcheck.theme');
  } catch {
    // A browser that stores nothing: as the system has it.
    return null;
  }
}

function showChosenPicture(): void {
  const select = document.querySelector<HTMLSelectElement>('#image');
  const preview = document.querySelector<HTMLImageElement>('#preview');
  const file = document.querySelector<HTMLInputElement>('#file');
  if (select === null || preview === null || file === null) return;
  const show = () => {
    preview.hidden = (file.files?.length ?? 0) > 0;
    preview.src = select.selectedOptions[0]?.dataset.address ?? preview.src;
  };
  select.addEventListener('change', show);
  file.addEventListener('change', show);
  show();
}

function hideUnseenPicture(): void {
  const picture = document.querySelector<HTMLImageElement>('#picture');
  // With its frame: an empty one would stand there as if something were still to come.
  const hide = () => picture?.closest('figure')?.setAttribute('hidden', '');
  picture?.addEventListener('error', hide);
  if (picture?.complete === true && picture.naturalWidth === 0) hide();
}

function tell(text: string, bad = false): void {
  const line = document.querySelector('#waitText');
  if (line === null || line.textContent === text) return;
  line.textContent = text;
  line.classList.toggle('problem', bad);
}

async function poll(job: string): Promise<void> {
  const again = () => void setTimeout(() => void poll(job), pollMs);
  try {
    const answer = await fetch(`/classifications/${encodeURIComponent(job)}`, { headers: { accept: 'application/json' } });
    const status: Status = await answer.json();
    if (status.data != null) draw(status.data);
    if (status.error !== undefined) tell(status.error, true);
    else tell(words[status.task_status ?? ''] ?? 'Please wait ...');
    const isOver = status.data != null || ['failed', 'canceled'].includes(status.task_status ?? '');
    if (!isOver && (answer.ok || answer.status >= 500 || answer.status === 429)) again();
  } catch {
    tell('The server does not answer; asking again ...');
    again();
  }
}

function draw(scores: NonNullable<Status['data']>): void {
  const list = document.querySelector<HTMLElement>('#classificationOutput');
  if (list === null) return;
  list.replaceChildren(...scores.map(([label, percent]) => bar(label, percent)));
  list.hidden = false;
}

function bar(label: string, percent: number): HTMLElement {
  const row = document.createElement('li');
  const words = document.createElement('span');
  words.className = 'words';
  const score = document.createElement('span');
  score.className = 'score';
  score.textContent = `${percent.toFixed(3)} %`;
  words.append(label, score);
  const track = document.createElement('span');
  track.className = 'track';
  const filled = document.createElement('span');
  filled.style.inlineSize = `${percent}%`;
  track.append(filled);
  row.append(words, track);
  return row;
}

useThemeOfVisitor();
showChosenPicture();
hideUnseenPicture();
const job = document.querySelector('#polling')?.getAttribute('jobid');
if (job != null) void poll(job);
