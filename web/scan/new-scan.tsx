import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AcceptedResource } from '../../shared/api/resources/accepted-resource.ts';
import { ApiError, type ApiFault, api, type PageInfo } from '../data/api.ts';
import { FaultList, TroubleNotice } from '../parts/notices.tsx';
import { go } from '../router.ts';
import { commandLine, emptyForm, type Form, formOfQuery, rawRequest } from './form.ts';
import { PlanPreview } from './plan-preview.tsx';

/** Between the last key and the question to the server what the plan would be. */
const SETTLE_MS = 350;

export function NewScan({ info, preset }: { readonly info: PageInfo; readonly preset: string }) {
  const form = useSignal<Form>(formOfQuery(preset));
  const faults = useSignal<readonly ApiFault[]>([]);
  const plan = useSignal<AcceptedResource | null>(null);
  const trouble = useSignal<ApiError | null>(null);
  const starting = useSignal(false);
  const { value } = form;
  useEffect(() => watchForm(value, { faults, plan, trouble }), [value]);
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (starting.value || faults.value.length > 0) return;
    starting.value = true;
    try {
      const { scanId } = await api.submit(rawRequest(value), crypto.randomUUID());
      if (scanId) go(`#/scan/${scanId}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.kind === 'problem') faults.value = error.faults;
      else trouble.value = error;
    } finally {
      starting.value = false;
    }
  };
  return (
    <>
      <h1>New scan</h1>
      {trouble.value && <TroubleNotice error={trouble.value} />}
      <form class="new-scan" onSubmit={(event) => void start(event)} noValidate>
        <Fields form={form} faults={faults.value} />
        <div class="actions">
          <button type="submit" disabled={value.targets.trim() === '' || faults.value.length > 0 || starting.value}>
            Start the scan
          </button>
        </div>
      </form>
      <PlanPreview plan={plan.value} command={commandLine(value, info.endpoint)} />
    </>
  );
}

interface Checked {
  readonly faults: Signal<readonly ApiFault[]>;
  readonly plan: Signal<AcceptedResource | null>;
  readonly trouble: Signal<ApiError | null>;
}

/**
 * Reads the form as it is typed: at once with the command's own parser, and, once typing rests and nothing is wrong,
 * with a dry run, which also resolves names and asks the policy.
 */
function watchForm(form: Form, { faults, plan, trouble }: Checked): () => void {
  const stop = new AbortController();
  plan.value = null;
  faults.value = [];
  if (form.targets.trim() === '') return () => stop.abort();
  const check = async (): Promise<void> => {
    const { parserFaults } = await import('./parser.ts');
    if (stop.signal.aborted) return;
    faults.value = parserFaults(rawRequest(form));
    if (faults.value.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    if (stop.signal.aborted) return;
    try {
      plan.value = await api.plan(rawRequest(form), stop.signal);
      trouble.value = null;
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      if (error.kind === 'problem') faults.value = error.faults;
      else trouble.value = error;
    }
  };
  void check();
  return () => stop.abort();
}

function Fields({ form, faults }: { readonly form: Signal<Form>; readonly faults: readonly ApiFault[] }) {
  const set = (name: keyof Form) => (event: Event) => {
    form.value = { ...form.value, [name]: (event.currentTarget as HTMLInputElement).value };
  };
  const text = (name: keyof Form, label: string, hint: string, ...fields: string[]) => (
    <TextField
      name={name}
      label={label}
      hint={hint}
      value={form.value[name]}
      onInput={set(name)}
      faults={faults.filter(({ at }) => at && fields.includes(at.field))}
    />
  );
  const unplaced = faults.filter(({ at }) => !at || !KNOWN_FIELDS.includes(at.field));
  return (
    <>
      {text(
        'targets',
        'Targets',
        'Names, addresses, blocks and ranges, between spaces: 10.0.0.0/24 web.internal',
        'targets',
      )}
      {text('exclude', 'Without', 'Targets to leave out', 'exclude')}
      {text(
        'ports',
        'Ports',
        'Ports, ranges, names: 22,80,8000-9000,U:53; "-" is every port; empty: the thousand likeliest',
        'ports',
        'topPorts',
      )}
      {text('excludePorts', 'Without ports', 'Ports to leave out', 'excludePorts')}
      <div class="row">
        <Choice name="protocols" label="Protocol" options={PROTOCOLS} form={form} />
        <Choice name="timing" label="Timing" options={TIMINGS} form={form} />
        <Choice name="discovery" label="Hosts that stay silent" options={DISCOVERIES} form={form} />
        <Choice name="detect" label="What answers" options={DETECTIONS} form={form} />
      </div>
      {unplaced.length > 0 && <FaultList faults={unplaced} />}
    </>
  );
}

const KNOWN_FIELDS: readonly string[] = ['targets', 'exclude', 'ports', 'topPorts', 'excludePorts'];

type Options = readonly (readonly [value: string, text: string])[];

const PROTOCOLS: Options = [
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['both', 'TCP and UDP'],
];
const TIMINGS: Options = [
  ['T2', 'T2 polite'],
  ['T3', 'T3 normal'],
  ['T4', 'T4 fast'],
  ['T5', 'T5 fastest, may miss ports'],
];
const DISCOVERIES: Options = [
  ['none', 'are probed on every port'],
  ['before', 'are left out'],
  ['only', 'only look who is there'],
];
const DETECTIONS: Options = [
  ['none', 'open or not'],
  ['services', 'and which service'],
  ['tls', 'and its certificates'],
];

function Choice(props: {
  readonly name: keyof Form;
  readonly label: string;
  readonly options: Options;
  readonly form: Signal<Form>;
}) {
  const { name, label, options, form } = props;
  return (
    <label>
      {label}
      <select
        name={name}
        value={form.value[name] || (emptyForm[name] ?? '')}
        onChange={(event) => {
          form.value = { ...form.value, [name]: event.currentTarget.value };
        }}
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function TextField(props: {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onInput: (event: Event) => void;
  readonly faults: readonly ApiFault[];
}) {
  const { name, label, hint, value, onInput, faults } = props;
  const described = `${name}-${faults.length > 0 ? 'faults' : 'hint'}`;
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <input
        id={`field-${name}`}
        name={name}
        value={value}
        onInput={onInput}
        aria-invalid={faults.length > 0}
        aria-describedby={described}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
      {faults.length > 0 ? (
        <div id={`${name}-faults`} role="alert">
          <FaultList faults={faults} />
        </div>
      ) : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
