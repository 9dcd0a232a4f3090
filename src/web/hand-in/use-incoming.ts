import { useEffect, useState } from 'preact/hooks';
import { toast } from '../../ui/toasts.tsx';
import { foundSources, type Source } from './files/found-sources.ts';

/** Takes what is dropped or pasted anywhere on the page while it is shown; tells whether something is held over it now. */
export function useIncoming(onSources: (sources: readonly Source[]) => void): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const take = async (transfer: DataTransfer, what: string): Promise<void> => {
      const { sources, unreadable } = await foundSources(transfer);
      if (sources.length > 0) onSources(sources);
      if (unreadable.length > 0) {
        toast({ kind: 'bad', text: `The browser could not read ${unreadable.join(', ')}. Choose the files by the button.` });
      } else if (sources.length === 0) {
        toast({ text: `There is no file and no link in what was ${what}.` });
      }
    };
    const over = (event: DragEvent): void => {
      if (!isForUs(event.dataTransfer)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      setHeld(true);
    };
    const leave = (event: DragEvent): void => {
      // Only what leaves the window comes from no other part of it.
      if (event.relatedTarget === null) setHeld(false);
    };
    const drop = (event: DragEvent): void => {
      setHeld(false);
      if (!isForUs(event.dataTransfer)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) void take(event.dataTransfer, 'dropped');
    };
    const paste = (event: ClipboardEvent): void => {
      const transfer = event.clipboardData;
      if (transfer === null || (isField(event.target) && transfer.files.length === 0)) return;
      event.preventDefault();
      void take(transfer, 'pasted');
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    addEventListener('paste', paste);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
      removeEventListener('paste', paste);
    };
  }, []);
  return held;
}

/** Files, or a link out of another window; not text that is moved within a field. */
function isForUs(transfer: DataTransfer | null): boolean {
  return transfer?.types.some((type) => type === 'Files' || type === 'text/uri-list') === true;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
}
