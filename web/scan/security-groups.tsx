import { useSignal } from '@preact/signals';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { api, type GroupClaims } from '../data/api.ts';
import { Scrolled } from '../parts/scrolled.tsx';
import { grouped } from '../parts/words.ts';

/** Addresses shown; what more there are stands in the report. */
const MOST_SHOWN = 500;

/** What the security groups of the account claim beside what answers; read out of the report when it is asked for. */
export function SecurityGroups({ scan }: { readonly scan: ScanResource }) {
  const claims = useSignal<readonly GroupClaims[] | 'reading' | 'failed' | null>(null);
  if (!isOver(scan.status)) return null;
  const read = async (): Promise<void> => {
    claims.value = 'reading';
    claims.value = await api.groupClaims(scan.scanId).catch(() => 'failed' as const);
  };
  const now = claims.value;
  return (
    <section>
      <h2>Security groups</h2>
      {now === null && (
        <button type="button" class="quiet" onClick={() => void read()}>
          Compare with what answers
        </button>
      )}
      {now === 'reading' && <p role="status">Reading the report…</p>}
      {now === 'failed' && <p role="alert">The report could not be read. Open it from below.</p>}
      {Array.isArray(now) && <Claims claims={now} />}
    </section>
  );
}

function Claims({ claims }: { readonly claims: readonly GroupClaims[] }) {
  if (claims.length === 0) return <p class="hint">None of the addresses is one of the account's, with a group.</p>;
  return (
    <Scrolled label="Security groups">
      <table>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">Resource</th>
            <th scope="col">Open, allowed by none</th>
            <th scope="col">Open to anyone</th>
            <th scope="col">Allowed, nothing listens</th>
          </tr>
        </thead>
        <tbody>
          {claims.slice(0, MOST_SHOWN).map((each) => (
            <tr key={each.ip}>
              <th scope="row">{each.ip}</th>
              <td>
                {each.resource}, {each.region}
              </td>
              <td>{each.open_not_allowed || '–'}</td>
              <td>{each.open_to_anyone || '–'}</td>
              <td>{each.allowed_not_open || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {claims.length > MOST_SHOWN && (
        <p class="hint">{grouped(claims.length - MOST_SHOWN)} more stand in the report only.</p>
      )}
    </Scrolled>
  );
}
