import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Address, millis } from '../../../shared/domain/units.ts';
import { verdictCode } from '../../../shared/domain/verdict.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { systemClock } from '../../../shared/net/system-clock.ts';
import { reachedItself, tcpProber } from '../../../shared/net/tcp-prober.ts';
import type { Clock } from '../../../shared/seams/clock.ts';
import type { Prober } from '../../../shared/seams/prober.ts';
import { closedPort, openPort, openService, QUIET_LOOPBACK, silentPort } from '../../helpers/ports.ts';
import {
  chunkOf,
  countingProber,
  inMillis,
  startEngine,
  TEST_TIMING,
  tcp,
  verdicts,
} from '../../helpers/run-engine.ts';
import { HOST, virtualNetwork } from '../../helpers/virtual-network.ts';

const PATIENT = {
  ...TEST_TIMING,
  initialRttTimeout: millis(5_000),
  maxRttTimeout: millis(5_000),
  minRttTimeout: millis(5_000),
};

describe('a probe of a real port', () => {
  it('finds an open port, once, with its reason, the attempt and the time', async () => {
    await using listener = await openPort();
    const before = Date.now();
    const run = startEngine(chunkOf(tcp(listener.port)), PATIENT);
    expect(verdicts(await run.result)).toEqual(['open/syn-ack']);
    expect(run.found).toHaveLength(1);
    expect(run.found[0]).toMatchObject({ port: listener.port, state: 'open', reason: 'syn-ack', attempt: 1 });
    expect(run.found[0]?.seenAt).toBeGreaterThanOrEqual(before - 5);
  });

  it('probes a refused port once and calls it closed', async () => {
    const port = await closedPort();
    const prober = countingProber();
    const run = startEngine(chunkOf(tcp(port)), PATIENT, { prober });
    expect(verdicts(await run.result)).toEqual(['closed/conn-refused']);
    expect(prober.asks.get(port)).toBe(1);
  });

  it('calls a port filtered only after two silent probes', async () => {
    await using silent = await silentPort();
    const prober = countingProber();
    const run = startEngine(chunkOf(tcp(silent.port)), TEST_TIMING, { prober });
    expect(verdicts(await run.result)).toEqual(['filtered/no-response']);
    expect(prober.asks.get(silent.port)).toBe(2);
  });

  it('closes an accepted connection with a reset, so that no port stays in TIME_WAIT', async () => {
    const seen: Promise<unknown>[] = [];
    await using listener = await openService((socket) => {
      seen.push(once(socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code));
      socket.resume();
    });
    const run = startEngine(chunkOf(tcp(listener.port), [QUIET_LOOPBACK as Address]), PATIENT);
    await run.result;
    expect(await Promise.all(seen)).toEqual(['ECONNRESET']);
  });
});

describe('evidence beats the timer', () => {
  /** After the first asks are out, the process is too busy to look at its sockets until every deadline has passed. */
  const starvingClock = (afterTurn: Clock['afterTurn']): Clock => {
    let starved = false;
    return {
      ...systemClock,
      afterTurn,
      after(delay, wake) {
        if (!starved) {
          starved = true;
          const until = performance.now() + delay + 100;
          while (performance.now() < until);
        }
        return systemClock.after(delay, wake);
      },
    };
  };
  const once150ms = { ...TEST_TIMING, maxAttempts: 1 };

  it('still sees the refusals that lie in the kernel when the deadline is found to have passed', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, closedPort));
    const clock = starvingClock(systemClock.afterTurn);
    const run = startEngine(chunkOf(tcp(...ports)), once150ms, { clock });
    expect(new Set(verdicts(await run.result))).toEqual(new Set(['closed/conn-refused']));
  });

  it('would call them filtered without the turn of the loop that it waits', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, closedPort));
    const clock = starvingClock(queueMicrotask);
    const run = startEngine(chunkOf(tcp(...ports)), once150ms, { clock });
    expect(verdicts(await run.result)).toContain('filtered/no-response');
  });
});

describe('a local fault is never a port state', () => {
  /** Refuses the first so many asks as the system does when descriptors run out. */
  const failing = (times: number, errno: string): Prober => {
    let left = times;
    return {
      send(probe, tell) {
        left -= 1;
        if (left < 0) return tcpProber.send(probe, tell);
        tell({ kind: 'errno', errno });
        return { cancel: () => {} };
      },
    };
  };

  for (const errno of ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EAGAIN']) {
    it(`probes again after ${errno}, until the port itself has answered`, async () => {
      await using listener = await openPort();
      const closed = await closedPort();
      const run = startEngine(chunkOf(tcp(listener.port, closed)), PATIENT, { prober: failing(5, errno) });
      expect(verdicts(await run.result)).toEqual(['open/syn-ack', 'closed/conn-refused']);
      expect(run.found[0]?.attempt).toBe(1);
    });
  }

  it('shrinks the budget when the system refuses a descriptor, and gives every slot back', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, closedPort));
    const budget = makeSocketBudget(16);
    await startEngine(chunkOf(tcp(...ports)), PATIENT, { prober: failing(3, 'EMFILE'), budget }).result;
    expect(budget.capacity).toBeLessThan(16);
    expect(budget.taken).toBe(0);
  });
});

describe('a socket that reached itself', () => {
  it('is matched by its two equal ends', async () => {
    const port = await closedPort();
    const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: port });
    await once(socket, 'connect');
    expect(reachedItself(socket)).toBe(true);
    socket.resetAndDestroy();
  });

  it('is not seen in a connection to a listener', async () => {
    await using listener = await openPort();
    const socket = connect({ host: '127.0.0.1', port: listener.port });
    await once(socket, 'connect');
    expect(reachedItself(socket)).toBe(false);
    socket.resetAndDestroy();
  });

  it('makes the port be probed again, and the attempt does not count', async () => {
    const port = await closedPort();
    let first = true;
    const prober: Prober = {
      send(probe, tell) {
        if (!first) return tcpProber.send(probe, tell);
        first = false;
        tell({ kind: 'self-connected' });
        return { cancel: () => {} };
      },
    };
    const run = startEngine(chunkOf(tcp(port)), { ...PATIENT, maxAttempts: 1 }, { prober });
    expect(verdicts(await run.result)).toEqual(['closed/conn-refused']);
  });
});

describe('a run that is stopped', () => {
  it('leaves what it could not probe pending when it is aborted, and keeps what it knows', async () => {
    await using listener = await openPort();
    await using silent = await silentPort();
    const budget = makeSocketBudget(50);
    const run = startEngine(chunkOf(tcp(listener.port, silent.port)), PATIENT, {
      budget,
      onOpen: () => run.abort(),
    });
    expect(verdicts(await run.result)).toEqual(['open/syn-ack', 'pending']);
    expect(budget.taken).toBe(0);
  });

  it('ends at its deadline with the rest pending', async () => {
    const { clock, prober, run } = virtualNetwork({ [HOST]: { treat: () => 'silent', rtt: 1 } });
    const { result } = startEngine(chunkOf(tcp(1), [HOST]), PATIENT, { clock, prober, deadline: millis(50) });
    expect(verdicts(await run(result))).toEqual(['pending']);
  });

  it('probes nothing when its deadline has passed at the door', async () => {
    await using listener = await openPort();
    const prober = countingProber();
    const run = startEngine(chunkOf(tcp(listener.port)), PATIENT, { prober, deadline: inMillis(-1) });
    expect(verdicts(await run.result)).toEqual(['pending']);
    expect(prober.asks.size).toBe(0);
  });

  it('sends only the probes that are still pending', async () => {
    await using listener = await openPort();
    const [known, prober] = [await closedPort(), countingProber()];
    const codes = Uint8Array.of(verdictCode('filtered/no-response'), 0);
    const run = startEngine(chunkOf(tcp(known, listener.port)), PATIENT, { prober, codes });
    expect(verdicts(await run.result)).toEqual(['filtered/no-response', 'open/syn-ack']);
    expect([...prober.asks.keys()]).toEqual([listener.port]);
  });
});
