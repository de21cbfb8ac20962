import type { AcceptedResource } from '../../shared/api/resources/accepted-resource.ts';
import { CopyLine } from '../parts/copy-line.tsx';
import { durationWords, grouped, plural } from '../parts/words.ts';

/** What would happen: the plan, how long it takes, what it costs, and the command that does the same. */
export function PlanPreview({ plan, command }: { readonly plan: AcceptedResource | null; readonly command: string }) {
  return (
    <section class="preview" aria-label="What will be done" aria-live="polite">
      {plan && <PlanFacts plan={plan} />}
      <CopyLine text={command} />
    </section>
  );
}

function PlanFacts({ plan: { plan, probes, chunks, estimate, names } }: { readonly plan: AcceptedResource }) {
  const { milliseconds, dollars } = estimate;
  return (
    <dl class="facts wide">
      <div>
        <dt>Probes</dt>
        <dd>
          {plural(probes, 'probe')}: {plural(plan.geometry.portCount, 'port')} at{' '}
          {plural(plan.geometry.addressCount, 'address', 'addresses')}, in {plural(chunks, 'chunk')}
        </dd>
      </div>
      {names.map(({ name, addresses }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{addresses.join(' ')}</dd>
        </div>
      ))}
      <div>
        <dt>Time</dt>
        <dd>
          {durationWords(milliseconds.atLeast)} if every port answers, {durationWords(milliseconds.ifSilent)} if none
          does
        </dd>
      </div>
      {dollars && (
        <div>
          <dt>Cost</dt>
          <dd>
            ${dollars.atLeast.toFixed(4)} to ${dollars.ifSilent.toFixed(4)} at list prices
          </dd>
        </div>
      )}
      <div>
        <dt>Packets</dt>
        <dd>
          {grouped(estimate.asks.atLeast)} to {grouped(estimate.asks.ifSilent)}
        </dd>
      </div>
    </dl>
  );
}
