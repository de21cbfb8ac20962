import type { AlertResource, WatchResource } from '../../shared/api/resources/watch-resource.ts';
import { api, type WatchAction } from '../data/api.ts';
import { useLoad } from '../data/load.ts';
import { TroubleNotice } from '../parts/notices.tsx';
import { bannerText, clockWords, plural } from '../parts/words.ts';

/** One watch: what it found, what it told and whether that arrived, and what can be done with it. */
export function WatchDetails({ name, onChange }: { readonly name: string; readonly onChange: () => void }) {
  const { value, trouble, reload } = useLoad(() => api.watch(name));
  const act = (action: WatchAction) => (): void => void reload(api.actOnWatch(name, action)).then(onChange);
  const now = value.value;
  return (
    <section aria-label={`Watch ${name}`}>
      {trouble.value && <TroubleNotice error={trouble.value} />}
      {now && (
        <>
          <h2>{now.name}</h2>
          <div class="actions">
            <button type="button" onClick={act('run')}>
              Run now
            </button>
            <button type="button" class="quiet" onClick={act(now.status === 'paused' ? 'resume' : 'pause')}>
              {now.status === 'paused' ? 'Resume' : 'Pause'}
            </button>
            <button type="button" class="quiet" onClick={act('test')}>
              Send a sample alert
            </button>
            <button type="button" class="quiet" disabled={now.alerts.length === 0} onClick={act('ack')}>
              Acknowledge what changed
            </button>
          </div>
          {now.runs.length === 0 && <p class="empty">Its first run learns what is so; it is not over yet.</p>}
          {now.runs.length > 0 && <Alerts alerts={now.alerts} count={now.alertCount} />}
          <Runs watch={now} />
          <Deliveries watch={now} />
        </>
      )}
    </section>
  );
}

function Alerts({ alerts, count }: { readonly alerts: readonly AlertResource[]; readonly count: number }) {
  if (count === 0) return <p class="empty">Everything is as it was acknowledged.</p>;
  return (
    <>
      <h3>{plural(count, 'difference')} from what was acknowledged</h3>
      <ul class="diff">
        {alerts.map(({ alertId, host, what, protocol, port, truth, told, toldAt, confirming }) => (
          <li key={alertId} class="changed">
            <strong>
              {host} {port === null ? what : `${port}/${protocol}`}
            </strong>{' '}
            {bannerText(truth.state)} → {bannerText((confirming?.fact ?? told).state)}{' '}
            {confirming ? `(confirmed ${confirming.times} of 2 times)` : toldAt && `(sent ${clockWords(toldAt)})`}
          </li>
        ))}
      </ul>
    </>
  );
}

function Runs({ watch: { runs } }: { readonly watch: WatchResource }) {
  if (runs.length === 0) return null;
  return (
    <>
      <h3>Runs</h3>
      <ul>
        {runs.map(({ run, endedAt, changes, failure, scanId }) => (
          <li key={run}>
            {clockWords(endedAt)}: {failure ?? plural(changes, 'change')}{' '}
            {scanId && <a href={`#/scan/${scanId}`}>its scan</a>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Deliveries({ watch: { deliveries } }: { readonly watch: WatchResource }) {
  if (deliveries.length === 0) return null;
  return (
    <>
      <h3>Messages</h3>
      <ul>
        {deliveries.map(({ deliveryId, receiver, state, tries, createdAt, answer }) => (
          <li key={deliveryId}>
            {clockWords(createdAt)} to {receiver}: {state} after {plural(tries, 'try', 'tries')}
            {answer && `, "${bannerText(answer)}"`}
          </li>
        ))}
      </ul>
    </>
  );
}
