import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** What each key does, by the name that the browser has for it. */
export type Keys = Readonly<Record<string, () => void>>;

/** For an element of its own keys: does what its key says, and nothing that the browser would do with it beside. */
export const onOwnKey =
  (keys: Keys) =>
  (event: KeyboardEvent): void => {
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

/** Listens for keys that do something anywhere on the page, while no text is being typed; gives whether the help is open. */
export function useKeys(keys: Keys): Signal<boolean> {
  const help = useSignal(false);
  // Whoever sees the view may type at once: an effect would come a frame or two later.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') help.value = !help.value;
      else keys[event.key]?.();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return help;
}

const HELP: readonly (readonly [key: string, what: string])[] = [
  ['n', 'a new scan'],
  ['s', 'all scans'],
  ['d', 'what changed'],
  ['t', 'light, dark or as the system is'],
  ['/', 'go to the filter of the findings'],
  ['1 to 4', 'the tabs of a scan'],
  ['arrows', 'in the port map and the host matrix: from port to port'],
  ['+ and −', 'in the port map: closer and farther'],
  ['Enter', 'in a table or a map: all that is known of the port'],
  ['Escape', 'close what is open'],
];

export function KeyHelp({ open }: { readonly open: Signal<boolean> }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = open.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const close = (): void => {
    open.value = false;
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl class="facts keys">
        {HELP.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  );
}
