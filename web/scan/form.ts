import type { RawRequest } from '../../shared/request/parse-request.ts';

/** The form of a new scan, as it stands in its fields. */
export interface Form {
  readonly targets: string;
  readonly exclude: string;
  readonly ports: string;
  readonly excludePorts: string;
  readonly topPorts: string;
  readonly protocols: string;
  readonly timing: string;
  readonly detect: string;
  readonly discovery: string;
}

export const emptyForm: Form = {
  targets: '',
  exclude: '',
  ports: '',
  excludePorts: '',
  topPorts: '',
  protocols: 'tcp',
  timing: 'T3',
  detect: 'none',
  discovery: 'none',
};

/** A link may fill in the form: "targets=…&ports=…". What it does not name keeps its usual value. */
export function formOfQuery(query: string): Form {
  const words = new URLSearchParams(query);
  const entries = Object.entries(emptyForm).map(([name, usual]) => [name, words.get(name) ?? usual]);
  return Object.fromEntries(entries) as Form;
}

const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** The request that the API takes; an empty field is left out. */
export function rawRequest(form: Form): RawRequest {
  const exclude = wordsOf(form.exclude);
  return {
    targets: wordsOf(form.targets),
    ...(exclude.length > 0 && { exclude }),
    ...(form.ports.trim() !== '' && { ports: form.ports.trim() }),
    ...(form.topPorts.trim() !== '' && form.ports.trim() === '' && { topPorts: form.topPorts.trim() }),
    ...(form.excludePorts.trim() !== '' && { excludePorts: form.excludePorts.trim() }),
    ...(form.protocols !== 'tcp' && {
      protocols: form.protocols === 'both' ? (['tcp', 'udp'] as const) : (['udp'] as const),
    }),
    ...(form.timing !== emptyForm.timing && { timing: form.timing }),
    ...(form.discovery !== 'none' && { discovery: form.discovery as 'before' | 'only' }),
    ...(form.detect !== 'none' && { detect: form.detect as 'services' | 'tls' }),
  };
}

/** A word as a shell takes it literally. */
const quoted = (word: string): string => (/^[\w./:,%@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The command that submits the same scan. */
export function commandLine(form: Form, endpoint: string | null): string {
  const words = ['portfleet', 'scan', ...wordsOf(form.targets).map(quoted)];
  for (const word of wordsOf(form.exclude)) words.push('--exclude', quoted(word));
  if (form.protocols === 'udp') words.push('-sU');
  if (form.protocols === 'both') words.push('-sT', '-sU');
  if (form.ports.trim() !== '') words.push('-p', quoted(form.ports.trim()));
  else if (form.topPorts.trim() !== '') words.push('--top-ports', quoted(form.topPorts.trim()));
  if (form.excludePorts.trim() !== '') words.push('--exclude-ports', quoted(form.excludePorts.trim()));
  if (form.timing !== emptyForm.timing) words.push(`-${form.timing}`);
  if (form.discovery === 'before') words.push('--discover');
  if (form.discovery === 'only') words.push('-sn');
  if (form.detect === 'services') words.push('-sV');
  if (form.detect === 'tls') words.push('--tls');
  if (endpoint) words.push('--endpoint', quoted(endpoint));
  return words.join(' ');
}
