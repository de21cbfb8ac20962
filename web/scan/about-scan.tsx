import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { UNPROBED_WORDS, type UnprobedCause } from '../../shared/domain/verdict.ts';
import { api, type PageInfo } from '../data/api.ts';
import { Notice } from '../parts/notices.tsx';
import { clockWords, durationWords, grouped, plural } from '../parts/words.ts';
import { SecurityGroups } from './security-groups.tsx';

const FORMATS = ['text', 'json', 'jsonl', 'csv', 'xml', 'greppable', 'markdown', 'html'] as const;

/** Why ports of a scan that is over have no state. */
export function Gaps({ scan }: { readonly scan: ScanResource }) {
  const { summary, status } = scan;
  const causes = Object.entries(summary?.unprobed ?? {}).filter(([, count]) => (count ?? 0) > 0);
  if (!summary || !isOver(status) || (causes.length === 0 && summary.pending === 0)) return null;
  return (
    <Notice title="Not every port could be probed" tone="warn">
      <ul>
        {causes.map(([verdict, count]) => (
          <li key={verdict}>
            {plural(count ?? 0, 'port')}: {causeWords(verdict)}
          </li>
        ))}
        {summary.pending > 0 && <li>{plural(summary.pending, 'port')} not probed when the scan ended</li>}
      </ul>
      <p>
        Nothing is claimed of these ports. {canTryAgain(summary) && '"Resume" probes again what failed. '}
        {!canTryAgain(summary) && 'A new scan of them asks again, when the cause is gone.'}
      </p>
    </Notice>
  );
}

/** Only chunks that failed are probed again; other causes stay with the plan. */
const canTryAgain = ({ unprobed }: NonNullable<ScanResource['summary']>): boolean =>
  (unprobed['unprobed/chunk-failed'] ?? 0) > 0;

const causeWords = (verdict: string): string => {
  const cause = verdict.slice('unprobed/'.length);
  return UNPROBED_WORDS[cause as UnprobedCause] ?? cause;
};

export function AboutScan({ scan, info }: { readonly scan: ScanResource; readonly info: PageInfo }) {
  const { plan, request, names, summary } = scan;
  const facts: readonly (readonly [string, string])[] = [
    ['Id', scan.scanId],
    ['Targets', request.targets.join(' ')],
    ...(request.exclude.length > 0 ? [['Without', request.exclude.join(' ')] as const] : []),
    ...names.map(({ name, addresses }) => [`Name ${name}`, addresses.join(' ')] as const),
    ['Ports', request.ports || `${grouped(plan.geometry.portCount)} of each address`],
    ['Timing', `${plan.timing.template}, ${rateWords(plan.timing.ratePerTarget)}`],
    ['Plan', `${plural(scan.probes, 'probe')} in ${plural(plan.geometry.chunks, 'chunk')}`],
    ['Started', clockWords(scan.submittedAt)],
    ...(scan.finishedAt ? [['Ended', clockWords(scan.finishedAt)] as const] : []),
    ...(summary ? [['Duration', durationWords(summary.duration)] as const] : []),
    ...(scan.submittedBy ? [['Submitted by', scan.submittedBy.caller] as const] : []),
  ];
  return (
    <>
      <dl class="facts wide">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {summary && <Verdicts scan={scan} />}
      {info.endpoint !== null && <SecurityGroups scan={scan} />}
      <h2>The whole report</h2>
      <p class="formats">
        {FORMATS.map((format) => (
          <a key={format} class="button quiet" href={api.reportUrl(scan.scanId, format)} download>
            {format}
          </a>
        ))}
      </p>
    </>
  );
}

const rateWords = (rate: number | null): string =>
  rate === null ? 'no limit of rate' : `at most ${grouped(rate)} probes a second to one address`;

function Verdicts({ scan: { summary } }: { readonly scan: ScanResource }) {
  const counts = { ...summary?.settled, ...summary?.unprobed, pending: summary?.pending ?? 0 };
  return (
    <table class="narrow">
      <caption>Every planned probe, counted once</caption>
      <tbody>
        {Object.entries(counts)
          .filter(([, count]) => (count ?? 0) > 0)
          .map(([verdict, count]) => (
            <tr key={verdict}>
              <th scope="row">{verdict}</th>
              <td class="number">{grouped(count ?? 0)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
