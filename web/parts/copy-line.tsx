import { useSignal } from '@preact/signals';

/** How long "copied" is shown. */
const SHOWN_MS = 2_000;

export function CopyLine({ text }: { readonly text: string }) {
  const copied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, SHOWN_MS);
  };
  return (
    <p class="copy">
      <code>{text}</code>
      <button type="button" class="quiet" onClick={() => void copy()}>
        {copied.value ? 'copied' : 'copy'}
      </button>
    </p>
  );
}
