import { Check, Copy } from 'lucide';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { toast } from './toasts.tsx';

const shownMs = 1_500;

/** Puts text on the clipboard and says so. */
export function CopyButton({ text, label = 'Copy' }: { text: () => string; label?: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
    } catch {
      toast({ kind: 'bad', text: 'The browser does not let this page use the clipboard. Select the text and copy it by hand.' });
    }
  }

  return (
    <Button kind="quiet" icon={copied ? Check : Copy} onClick={copy}>
      {copied ? 'Copied' : label}
    </Button>
  );
}
