import { useEffect, useRef } from 'preact/hooks';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import type { CertificateFacts } from '../../shared/domain/tls-facts.ts';
import type { EpochMillis } from '../../shared/domain/units.ts';
import { daysUntil } from '../data/findings.ts';
import { CopyLine } from '../parts/copy-line.tsx';
import { bannerText, clockWords, hexDump, plural } from '../parts/words.ts';
import { OpenSince } from './open-since.tsx';

/** All that is known of one open port. */
export function PortDrawer(props: {
  readonly finding: FindingResource;
  readonly scan: ScanResource;
  readonly names: readonly string[];
  readonly onClose: () => void;
}) {
  const { finding, scan, names, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const { address, protocol, port, service, banner } = finding;
  return (
    <dialog ref={dialog} class="drawer" onClose={onClose} aria-labelledby="drawer-title">
      <div class="headline">
        <h2 id="drawer-title">
          {port}/{protocol} at {names[0] ?? address}
        </h2>
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </div>
      <Facts facts={factsOf(finding, names)} />
      <OpenSince scan={scan} finding={finding} names={names} />
      {banner !== undefined && banner !== '' && <Banner banner={banner} />}
      {finding.tls && <Tls finding={finding} />}
      <h3>Probe it again</h3>
      <CopyLine text={`portfleet scan ${address} -p ${protocol === 'udp' ? 'U:' : ''}${port} -sV`} />
      {service.method === 'table' && (
        <p class="hint">The name is what the registry says of the number; the service itself was not detected.</p>
      )}
    </dialog>
  );
}

function factsOf(finding: FindingResource, names: readonly string[]): readonly Fact[] {
  const { address, state, reason, service, seenAt, rttMs, attempt } = finding;
  return [
    ['Address', address],
    ['Names', names.join(', ')],
    ['State', `${state} (${reason})`],
    ['Service', service.name],
    ['Product', service.product],
    ['Version', service.version],
    ['Details', service.info],
    ['Seen', clockWords(seenAt)],
    ['Round trip', `${rttMs.toFixed(1)} ms, attempt ${attempt}`],
  ];
}

function Banner({ banner }: { readonly banner: string }) {
  return (
    <>
      <h3>What it said</h3>
      <pre class="banner">{bannerText(banner)}</pre>
      <details>
        <summary>The bytes</summary>
        <pre class="banner">{hexDump(banner)}</pre>
      </details>
    </>
  );
}

function Tls({ finding }: { readonly finding: FindingResource }) {
  const { tls } = finding;
  const certificate = tls?.certificate;
  return (
    <>
      <h3>TLS</h3>
      <Facts
        facts={[
          ['Protocol', tls?.version],
          ['Cipher', tls?.cipher],
        ]}
      />
      {certificate && (
        <>
          <h3>Certificate</h3>
          <Facts
            facts={[
              ['Subject', certificate.subject],
              ['Names', certificate.names.join(', ')],
              ['Issuer', certificate.selfSigned ? `${certificate.issuer} (signed by itself)` : certificate.issuer],
              ['Valid until', validityWords(certificate.validTo)],
              ['Key', certificate.key],
              ['Fingerprint', certificate.fingerprint],
            ]}
          />
          <Issuers certificate={certificate} />
        </>
      )}
    </>
  );
}

/** The certificates that came with the server's own, each signed by the next. */
function Issuers({ certificate: { issuers, chain } }: { readonly certificate: CertificateFacts }) {
  if (!issuers && !chain) return null;
  return (
    <>
      <h3>Sent with it</h3>
      <ol class="chain">
        {issuers?.map(({ subject, issuer, validTo, fingerprint }) => (
          <li key={fingerprint}>
            <Facts
              facts={[
                ['Subject', subject],
                ['Issuer', issuer === subject ? 'itself' : issuer],
                ['Valid until', validityWords(validTo)],
                ['Fingerprint', fingerprint],
              ]}
            />
          </li>
        ))}
        {!issuers && chain?.map((subject) => <li key={subject}>{bannerText(subject)}</li>)}
      </ol>
    </>
  );
}

function validityWords(validTo: EpochMillis): string {
  const days = daysUntil(validTo, Date.now());
  const left = days < 0 ? `ended ${plural(-days, 'day')} ago` : `${plural(days, 'day')} left`;
  return `${clockWords(new Date(validTo).toISOString())} (${left})`;
}

type Fact = readonly [name: string, value: string | null | undefined];

/** Names and what a stranger said of them; what is empty is left out. */
const Facts = ({ facts }: { readonly facts: readonly Fact[] }) => (
  <dl class="facts wide">
    {facts.map(
      ([name, value]) =>
        value && (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{bannerText(value)}</dd>
          </div>
        ),
    )}
  </dl>
);
