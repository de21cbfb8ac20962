import { describe, expect, it } from 'vitest';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import type { Address } from '../../../shared/domain/units.ts';
import { verdictOf } from '../../../shared/domain/verdict.ts';
import { chunkOf, startEngine, tcp } from '../../helpers/run-engine.ts';
import { everyNthOpen, HOST, scanVirtually, type VirtualHost, virtualNetwork } from '../../helpers/virtual-network.ts';

const failing = (errno: string, from: number, to: number): VirtualHost => ({
  treat: everyNthOpen(25, 'closed'),
  rtt: 20,
  localFault: (at) => (at >= from && at < to ? errno : null),
});

const OTHER = '2001:db8::7' as Address;

describe('a fault of this machine in mid-scan', () => {
  it.each([
    ['ENETUNREACH', 'no route to it'],
    ['EHOSTUNREACH', 'a route of type unreachable'],
    ['EACCES', 'a route of type prohibit'],
    ['ENETDOWN', 'its interface down'],
    ['EPERM', 'a local packet filter'],
    ['EMFILE', 'no descriptor left'],
    ['ENOBUFS', 'no buffer left'],
  ])('%s, %s, is waited out, and then every port is told', async (errno) => {
    const { counts, seconds, result } = await scanVirtually(failing(errno, 300, 3_300), 5_000, 'T3');
    expect(counts).toEqual({ 'open/syn-ack': 200, 'closed/conn-refused': 4_800 });
    expect(seconds).toBeLessThan(1.8 + 3 + 1.5);
    expect(result.tally).not.toHaveProperty('pacedTo');
  });

  it.each([
    ['ENETUNREACH', 'unprobed/no-route'],
    ['EHOSTUNREACH', 'unprobed/no-route'],
    ['ENETDOWN', 'unprobed/no-route'],
    ['EINVAL', 'unprobed/no-route'],
    ['ENODEV', 'unprobed/no-route'],
    ['EPERM', 'unprobed/not-permitted'],
    ['EACCES', 'unprobed/not-permitted'],
    ['EMFILE', 'unprobed/no-descriptor'],
    ['ENOBUFS', 'unprobed/no-memory'],
    ['EADDRNOTAVAIL', 'unprobed/no-local-port'],
    ['EWHATEVER', 'unprobed/local-fault'],
  ])('%s, when it stays, leaves what was not told %s', async (errno, verdict) => {
    const { counts, seconds, sent } = await scanVirtually(failing(errno, 300, Infinity), 5_000, 'T3');
    expect(Object.keys(counts).sort()).toEqual(['closed/conn-refused', 'open/syn-ack', verdict].sort());
    expect(seconds).toBeLessThan(17);
    // One probe after each pause, not a whole batch.
    expect(sent).toBeLessThan(1_500);
  });

  it('that stays when only silences are left to confirm ends all the same, and leaves them unprobed', async () => {
    // Everything has been sent after some 4 s, and was silent but for every 25th port; then no ping can be sent any more.
    const host: VirtualHost = { ...failing('ENETUNREACH', 0, 0), treat: everyNthOpen(25, 'silent') };
    const undisturbed = await scanVirtually(host, 500, 'T3');
    const from = undisturbed.seconds * 1_000 - 100;
    const localFault = (at: number) => (at >= from ? 'ENETUNREACH' : null);
    const { counts, seconds } = await scanVirtually({ ...host, localFault }, 500, 'T3');
    expect(counts['open/syn-ack']).toBe(20);
    expect(counts['unprobed/no-route']).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(undisturbed.seconds + 17);
  });

  it('takes back what our own system said of a host when its route went away under a handshake', async () => {
    const host: VirtualHost = {
      ...failing('EHOSTUNREACH', 310, 2_000),
      treat: (port, at) => (at > 300 && at < 2_000 ? 'unreachable' : everyNthOpen(25, 'closed')(port, 0, 0)),
    };
    const { counts } = await scanVirtually(host, 5_000, 'T3');
    expect(counts).toEqual({ 'open/syn-ack': 200, 'closed/conn-refused': 4_800 });
  });

  it('holds up no other target', async () => {
    const healthy: VirtualHost = { treat: everyNthOpen(25, 'closed'), rtt: 20 };
    const { clock, prober, run } = virtualNetwork({ [HOST]: healthy, [OTHER]: failing('ENETUNREACH', 0, Infinity) });
    const ports = Array.from({ length: 500 }, (_, index) => index + 1);
    const engine = startEngine(chunkOf(tcp(...ports), [OTHER, HOST]), TIMING_TEMPLATES.T3, { clock, prober });
    let toldAfter = 0;
    const watch = (): void => {
      if (engine.settled() < 500) clock.after(50 as never, watch);
      else toldAfter = clock.now();
    };
    watch();
    const verdicts = Array.from((await run(engine.result)).codes, verdictOf);
    expect(new Set(verdicts.slice(0, 500))).toEqual(new Set(['unprobed/no-route']));
    expect(new Set(verdicts.slice(500))).toEqual(new Set(['open/syn-ack', 'closed/conn-refused']));
    expect(toldAfter).toBeLessThan(1_000);
  });
});

describe('an address of a family that this machine lacks', () => {
  it.each(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])(
    'is told at once (%s), and the other one scanned',
    async (errno) => {
      const healthy: VirtualHost = { treat: everyNthOpen(25, 'closed'), rtt: 20 };
      const { clock, prober, run } = virtualNetwork({ [HOST]: healthy, [OTHER]: failing(errno, 0, Infinity) });
      const lacking = { ...prober, lacksFamilyOf: (address: Address) => address === OTHER };
      const ports = Array.from({ length: 500 }, (_, index) => index + 1);
      const over = { clock, prober: lacking };
      const engine = startEngine(chunkOf(tcp(...ports), [OTHER, HOST]), TIMING_TEMPLATES.T3, over);
      const verdicts = Array.from((await run(engine.result)).codes, verdictOf);
      expect(new Set(verdicts.slice(0, 500))).toEqual(new Set(['unprobed/no-route']));
      expect(new Set(verdicts.slice(500))).toEqual(new Set(['open/syn-ack', 'closed/conn-refused']));
      expect(clock.now()).toBeLessThan(1_000);
      expect(prober.sent.length).toBeLessThan(600);
    },
  );
});
