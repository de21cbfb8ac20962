import type { ComponentChildren } from 'preact';
import type { ApiError, ApiFault } from '../data/api.ts';
import type { VersionGap } from '../data/versions.ts';

/** Something to know before going on; `urgent` is read out at once. */
export function Notice(props: {
  readonly title: string;
  readonly tone?: 'plain' | 'warn' | 'bad';
  readonly children?: ComponentChildren;
}) {
  const { title, tone = 'plain', children } = props;
  return (
    <section class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Why the page cannot go on, and the way out. */
export function TroubleNotice({ error }: { readonly error: ApiError }) {
  switch (error.kind) {
    case 'signed-out':
      return (
        <Notice title="This browser is not signed in" tone="warn">
          <p>
            Open the address that <code>portfleet serve</code> printed when it started; it works once. The server prints
            a new one after each use.
          </p>
        </Notice>
      );
    case 'unreachable':
      return (
        <Notice title="The server does not answer" tone="bad">
          <p>
            Start <code>portfleet serve</code> again. Nothing is lost: this page goes on by itself from what is stored.
          </p>
        </Notice>
      );
    case 'busy':
      return (
        <Notice title="The fleet has too much to do" tone="warn">
          <FaultList faults={error.faults} />
        </Notice>
      );
    case 'problem':
      return (
        <Notice title={titleOf(error.faults[0])} tone="bad">
          <FaultList faults={error.faults} />
        </Notice>
      );
    default:
      return error.kind satisfies never;
  }
}

const GAPS: Readonly<Record<VersionGap['kind'], (gap: VersionGap) => ComponentChildren>> = {
  page: ({ page, other }) => (
    <>
      <p>
        The server was started again as version {other}; this page is still that of {page}. Nothing is lost by
        reloading.
      </p>
      <button type="button" onClick={() => location.reload()}>
        Reload the page
      </button>
    </>
  ),
  'fleet-newer': ({ page, other }) => (
    <p>
      The fleet is of version {other}, this machine of {page}. What came with the newer version is not shown; update
      Portfleet on this machine, then start <code>portfleet serve</code> again.
    </p>
  ),
  'fleet-older': ({ page, other }) => (
    <p>
      The fleet is of version {other}, this machine of {page}. What came since fails there; whoever deployed it updates
      it with <code>npx cdk deploy</code>.
    </p>
  ),
};

const GAP_TITLES: Readonly<Record<VersionGap['kind'], string>> = {
  page: 'The server has another version now',
  'fleet-newer': 'The fleet is of a newer version',
  'fleet-older': 'The fleet is of an older version',
};

/** That the page and what it asks are of different versions, and how to mend that. */
export function VersionNotice({ gap }: { readonly gap: VersionGap }) {
  return <Notice title={GAP_TITLES[gap.kind]}>{GAPS[gap.kind](gap)}</Notice>;
}

const TITLES: Readonly<Record<string, string>> = {
  CREDENTIALS_MISSING: 'There are no AWS credentials to sign with',
  CREDENTIALS_REFUSED: 'The fleet does not let these credentials in',
  ENDPOINT_UNREACHABLE: 'The fleet does not answer',
  STORE_FULL: 'The disk is full',
  STORE_TOO_NEW: 'The store is of a newer version',
  STORE_UNAVAILABLE: 'The table of scans does not answer',
  SCAN_OVER: 'There is nothing to go on with',
  SCAN_ALREADY_RUNNING: 'The scan goes on already',
  PROBES_SPENT: 'The probes of the day are spent',
  TOO_MANY_SCANS: 'Too many scans at once',
  SCAN_NOT_FOUND: 'There is no such scan',
  TARGET_FORBIDDEN: 'The scope does not allow this target',
};

const titleOf = (fault: ApiFault | undefined): string => TITLES[fault?.code ?? ''] ?? 'This cannot be done';

/** Errors of a request, each with the place in the user's own words. */
export function FaultList({ faults }: { readonly faults: readonly ApiFault[] }) {
  return (
    <ul class="faults">
      {faults.map((fault, index) => (
        <li key={`${fault.code}${index}`}>
          <p>{fault.detail}</p>
          {fault.at && fault.at.text !== '' && <MarkedText at={fault.at} />}
          {fault.mend && <p class="hint">{fault.mend}</p>}
        </li>
      ))}
    </ul>
  );
}

/** How much of a long text is shown around the place. */
const AROUND = 40;

function MarkedText({ at }: { readonly at: NonNullable<ApiFault['at']> }) {
  const from = Math.max(0, at.start - AROUND);
  const to = Math.min(at.text.length, at.end + AROUND);
  return (
    <code class="marked">
      {from > 0 && '…'}
      {at.text.slice(from, at.start)}
      <mark>{at.text.slice(at.start, at.end) || ' '}</mark>
      {at.text.slice(at.end, to)}
      {to < at.text.length && '…'}
    </code>
  );
}
