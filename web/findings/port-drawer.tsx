import { useEffect, useRef } from 'preact/hooks';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import { certificateDays } from '../data/findings.ts';
import { CopyLine } from '../parts/copy-line.tsx';
import { bannerText, clockWords, hexDump } from '../parts/words.ts';

/** All that is known of one open port. */
export function PortDrawer(props: {
  readonly finding: FindingResource;
  readonly names: readonly string[];
  readonly onClose: () => void;
}) {
  const { finding, names, onClose } = props;
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
      <dl class="facts wide">
        {factsOf(finding, names).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {banner !== undefined && banner !== '' && <Banner banner={banner} />}
      {finding.tls && <Certificate finding={finding} />}
      <h3>Probe it again</h3>
      <CopyLine text={`portfleet scan ${address} -p ${protocol === 'udp' ? 'U:' : ''}${port} -sV`} />
      {service.method === 'table' && (
        <p class="hint">The name is what the registry says of the number; the port was not asked what it is.</p>
      )}
    </dialog>
  );
}

function factsOf(finding: FindingResource, names: readonly string[]): readonly (readonly [string, string])[] {
  const { address, state, reason, service, seenAt, rttMs, attempt } = finding;
  const facts: readonly (readonly [string, string | undefined])[] = [
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
  return facts.flatMap(([name, value]) => (value ? [[name, bannerText(value)] as const] : []));
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

function Certificate({ finding }: { readonly finding: FindingResource }) {
  const { tls } = finding;
  const certificate = tls?.certificate;
  const days = certificateDays(finding, Date.now());
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['Protocol', tls?.version],
    ['Cipher', tls?.cipher],
    ['Subject', certificate?.subject],
    ['Names', certificate?.names.join(', ')],
    ['Issuer', certificate?.issuer],
    ['Valid until', certificate && `${clockWords(new Date(certificate.validTo).toISOString())} (${days} days)`],
    ['Key', certificate?.key],
    ['Fingerprint', certificate?.fingerprint],
  ];
  return (
    <>
      <h3>TLS</h3>
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
    </>
  );
}
