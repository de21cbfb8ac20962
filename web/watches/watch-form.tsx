import { useSignal } from '@preact/signals';
import { ApiError, type ApiFault, api } from '../data/api.ts';
import { FaultList, TroubleNotice } from '../parts/notices.tsx';

const FIELDS = [
  ['name', 'Name', 'edge'],
  ['targets', 'Targets', 'web.internal 10.0.0.0/28'],
  ['ports', 'Ports', '22,80,443'],
  ['every', 'Every', '6h'],
  ['notify', 'Tell', 'https://hooks.example/portfleet'],
] as const;

/** The watch that the fields describe, as the API takes it. */
function watchOf(form: HTMLFormElement): Readonly<Record<string, unknown>> {
  const words = new FormData(form);
  const text = (name: string): string => String(words.get(name) ?? '').trim();
  const list = (name: string): string[] =>
    text(name)
      .split(/[\s,]+/)
      .filter(Boolean);
  return {
    name: text('name'),
    targets: list('targets'),
    ...(text('ports') && { ports: text('ports') }),
    ...(text('every') && { every: text('every') }),
    ...(text('notify') && { notify: list('notify') }),
  };
}

/** A new watch. Its first run begins at once and learns what is so; it is told of changes only. */
export function WatchForm({ onAdded }: { readonly onAdded: () => void }) {
  const faults = useSignal<readonly ApiFault[]>([]);
  const trouble = useSignal<ApiError | null>(null);
  const secret = useSignal<string | null>(null);
  const add = async (form: HTMLFormElement): Promise<void> => {
    try {
      const watch = watchOf(form);
      const { signingSecret } = await api.addWatch(watch);
      secret.value = 'notify' in watch ? signingSecret : null;
      faults.value = [];
      trouble.value = null;
      form.reset();
      onAdded();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.kind === 'problem') faults.value = error.faults;
      else trouble.value = error;
    }
  };
  return (
    <form
      class="new-scan"
      onSubmit={(event) => {
        event.preventDefault();
        void add(event.currentTarget);
      }}
      noValidate
    >
      <h2>New watch</h2>
      {FIELDS.map(([name, label, example]) => (
        <div class="field" key={name}>
          <label for={`watch-${name}`}>{label}</label>
          <input id={`watch-${name}`} name={name} placeholder={example} autocomplete="off" spellcheck={false} />
        </div>
      ))}
      {faults.value.length > 0 && (
        <div role="alert">
          <FaultList faults={faults.value} />
        </div>
      )}
      {trouble.value && <TroubleNotice error={trouble.value} />}
      {secret.value && (
        <p class="notice" role="status">
          The secret of its signatures, shown only now: <code>{secret.value}</code>
        </p>
      )}
      <button type="submit">Add the watch</button>
    </form>
  );
}
