import { describe, expect, it } from 'vitest';
import { isAnomalous } from '../../../shared/domain/anomaly.ts';
import { replaceInRuns } from '../../../shared/domain/coverage.ts';
import type { Address } from '../../../shared/domain/units.ts';
import { makeAnomalyFinder } from '../../../shared/usecases/find-anomalies.ts';
import { chunkOf, tcp } from '../../helpers/run-engine.ts';

const [proxy, server] = ['10.0.0.1' as Address, '10.0.0.2' as Address];
const ports = tcp(...Array.from({ length: 500 }, (_, index) => index + 1));

describe('hosts that were never heard', () => {
  it('are counted once, however many chunks their ports lie in', () => {
    const finder = makeAnomalyFinder();
    const silent = [[500, 'filtered/no-response']] as const;
    finder.see(chunkOf(ports, [proxy]), silent);
    finder.see(chunkOf(ports, [proxy]), silent);
    finder.see(chunkOf(ports, [server]), replaceInRuns(silent, new Map([[7, 'closed/conn-refused']])));
    finder.see(chunkOf(ports, ['10.0.0.3' as Address]), [[500, 'open|filtered/no-response']]);
    expect(finder.result().unheard).toBe(2);
  });
});

describe('a host that accepts on everything', () => {
  it('is suspected, with the evidence, also when its ports lie in several chunks', () => {
    const suspector = makeAnomalyFinder();
    const open = [[500, 'open/syn-ack']] as const;
    suspector.see(chunkOf(ports, [proxy]), open);
    suspector.see(chunkOf(ports, [proxy]), open);
    suspector.see(chunkOf(ports, [server]), [
      [40, 'open/syn-ack'],
      [460, 'closed/conn-refused'],
    ]);
    expect(suspector.result().anomalies).toEqual([{ kind: 'all-open', address: proxy, open: 1_000, answered: 1_000 }]);
  });

  it('is told from one that was probed on few ports, and from one that refuses most', () => {
    expect([isAnomalous(99, 99), isAnomalous(100, 100), isAnomalous(200, 1_000)]).toEqual([false, true, false]);
  });
});
