import { bannerText, plural } from '../parts/words.ts';

/** What the page shows of docs/diff.schema.json. A member that a newer server adds is left alone. */
export interface DiffDocument {
  readonly hosts: readonly DiffHost[];
}

interface DiffHost {
  readonly address: string;
  readonly names?: readonly string[];
  readonly reverseNames?: readonly string[];
  readonly presence?: unknown;
  readonly changes?: readonly DiffChange[];
  /** A host that only one of the scans has. */
  readonly notCompared?: string | Readonly<Record<string, unknown>>;
}

interface DiffChange {
  readonly kind: string;
  readonly protocol: string;
  readonly port: number;
  readonly before?: DiffSide;
  readonly after?: DiffSide;
}

interface DiffSide {
  readonly state?: string;
  readonly reason?: string;
  readonly service?: { readonly name?: string; readonly product?: string; readonly version?: string };
}

/** Signs beside the colours, so that neither is needed alone. */
const KINDS: Readonly<Record<string, readonly [sign: string, words: string, tone: string]>> = {
  'newly-open': ['+', 'opened', 'opened'],
  'newly-known': ['+', 'open, and not known before', 'opened'],
  'no-longer-open': ['−', 'no longer open', 'closed'],
  'other-service': ['~', 'another service', 'changed'],
};

function titleOf({ address, names = [], reverseNames = [] }: DiffHost): string {
  const name = names[0] ?? reverseNames[0];
  return name === undefined ? address : `${name} (${address})`;
}

export function DiffList({ diff }: { readonly diff: DiffDocument }) {
  const hosts = diff.hosts.filter(({ changes }) => (changes?.length ?? 0) > 0);
  const single = diff.hosts.filter(({ notCompared }) => typeof notCompared === 'string');
  const count = hosts.reduce((sum, { changes }) => sum + (changes?.length ?? 0), 0);
  return (
    <section aria-label="Differences">
      <p class="sub" role="status">
        {count === 0
          ? 'No port that both scans probed has changed.'
          : `${plural(count, 'change')} on ${plural(hosts.length, 'host')}.`}
      </p>
      {hosts.map((host) => (
        <section key={host.address} class="diff-host">
          <h2>{titleOf(host)}</h2>
          <ul class="diff">
            {host.changes?.map((change) => (
              <Change key={`${change.kind}${change.protocol}${change.port}`} change={change} />
            ))}
          </ul>
        </section>
      ))}
      {single.length > 0 && (
        <p class="hint">
          {plural(single.length, 'host')} stand in one of the scans only:{' '}
          {single
            .slice(0, 10)
            .map(({ address }) => address)
            .join(', ')}
          {single.length > 10 && ' …'}
        </p>
      )}
    </section>
  );
}

function Change({ change: { kind, protocol, port, before, after } }: { readonly change: DiffChange }) {
  const [sign, words, tone] = KINDS[kind] ?? ['~', kind, 'changed'];
  return (
    <li class={tone}>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>{' '}
      <strong>
        {port}/{protocol}
      </strong>{' '}
      {words}: {sideWords(before)} → {sideWords(after)}
    </li>
  );
}

function sideWords(side: DiffSide | undefined): string {
  if (!side) return 'not known';
  const { name, product, version } = side.service ?? {};
  const what = [product ?? name, version].filter(Boolean).join(' ');
  return bannerText([side.state ?? 'open', what].filter(Boolean).join(', '));
}
