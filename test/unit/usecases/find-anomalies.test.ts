import { describe, expect, it } from 'vitest';
import { isAnomalous } from '../../../shared/domain/anomaly.ts';
import type { Address } from '../../../shared/domain/units.ts';
import { verdictCode } from '../../../shared/domain/verdict.ts';
import { makeAnomalyFinder } from '../../../shared/usecases/find-anomalies.ts';
import { chunkOf, tcp } from '../../helpers/run-engine.ts';

const [proxy, server] = ['10.0.0.1' as Address, '10.0.0.2' as Address];
const ports = tcp(...Array.from({ length: 500 }, (_, index) => index + 1));

describe('hosts that were never heard', () => {
  it('are counted once, however many chunks their ports lie in', () => {
    const finder = makeAnomalyFinder();
    const silent = new Uint8Array(500).fill(verdictCode('filtered/no-response'));
    finder.see(chunkOf(ports, [proxy]), silent);
    finder.see(chunkOf(ports, [proxy]), silent);
    const heard = silent.slice();
    heard[7] = verdictCode('closed/conn-refused');
    finder.see(chunkOf(ports, [server]), heard);
    const silentUdp = new Uint8Array(500).fill(verdictCode('open|filtered/no-response'));
    finder.see(chunkOf(ports, ['10.0.0.3' as Address]), silentUdp);
    expect(finder.result().unheard).toBe(2);
  });
});

describe('a host that accepts on everything', () => {
  it('is suspected, with the evidence, also when its ports lie in several chunks', () => {
    const suspector = makeAnomalyFinder();
    const open = new Uint8Array(500).fill(verdictCode('open/syn-ack'));
    suspector.see(chunkOf(ports, [proxy]), open);
    suspector.see(chunkOf(ports, [proxy]), open);
    const busy = new Uint8Array(500).fill(verdictCode('closed/conn-refused'));
    busy.fill(verdictCode('open/syn-ack'), 0, 40);
    suspector.see(chunkOf(ports, [server]), busy);
    expect(suspector.result().anomalies).toEqual([{ kind: 'all-open', address: proxy, open: 1_000, answered: 1_000 }]);
  });

  it('is told from one that was probed on few ports, and from one that refuses most', () => {
    expect([isAnomalous(99, 99), isAnomalous(100, 100), isAnomalous(200, 1_000)]).toEqual([false, true, false]);
  });
});
