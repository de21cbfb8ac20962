import { describe, expect, it } from 'vitest';
import { withLab } from '../../bench/lab/lab.ts';
import { labMissing, onPath } from '../../bench/lab/lab-missing.ts';
import { runCommand } from '../../bench/lab/run-command.ts';
import { nmapPorts } from '../../bench/scanners/nmap.ts';
import { EVERY_STATE, everyState } from './every-state.ts';

const missing =
  labMissing() ?? (onPath('nmap') ? undefined : 'the lab is checked against nmap, which is not installed');

/** The states of the lab as nmap's words: "open syn-ack". */
const STATES = Object.fromEntries(
  Object.entries(EVERY_STATE).map(([port, verdict]) => [port, verdict.replace('/', ' ')]),
);

/** "state reason" of each port, as nmap sees it. */
async function nmapSees(address: string, ports: string, ...options: string[]): Promise<Record<number, string>> {
  const family = address.includes(':') ? ['-6'] : [];
  const xml = await runCommand('nmap', [...family, '-n', '-Pn', '-T4', '-p', ports, '-oX', '-', ...options, address]);
  return Object.fromEntries([...nmapPorts(xml)].map((seen) => [seen.port, `${seen.state} ${seen.reason}`]));
}

describe.skipIf(missing)(
  `the lab, with nmap as an independent witness ${missing ? `(skipped: ${missing})` : ''}`,
  () => {
    it('shows each state as it was set up, over IPv4', async () => {
      await withLab({ rtt: 10 }, async (lab) => {
        await everyState(lab);
        expect(await nmapSees(lab.address, '20-37', '-sT')).toEqual({
          ...STATES,
          // IPv4 alone has these; what the kernel makes of each is in RFC 1122 and icmp(7)
          32: 'filtered proto-unreach',
          33: 'filtered host-unreach',
          34: 'filtered net-unreach',
          28: 'filtered host-unreach',
          35: 'closed conn-refused',
          36: 'closed conn-refused',
          37: 'closed conn-refused',
        });
      });
    });

    it('shows the same states over IPv6, where an error says more', async () => {
      await withLab({ rtt: 10 }, async (lab) => {
        await everyState(lab);
        expect(await nmapSees(lab.address6, '20-31', '-sT')).toEqual({ ...STATES, 28: 'filtered admin-prohibited' });
      });
    });

    it('is silent about the rest when told so, and lets the open ports answer', async () => {
      await withLab({ rtt: 10 }, async (lab) => {
        await lab.open([22]);
        await lab.silent();
        expect(await nmapSees(lab.address, '21-24', '-sT')).toEqual({
          21: 'filtered no-response',
          22: 'open syn-ack',
          23: 'filtered no-response',
          24: 'filtered no-response',
        });
      });
    });

    it('rejects the rest when told so', async () => {
      await withLab({ rtt: 10 }, async (lab) => {
        await lab.open([22]);
        await lab.reject('host-unreach');
        expect(await nmapSees(lab.address, '21-23', '-sT')).toEqual({
          21: 'filtered host-unreach',
          22: 'open syn-ack',
          23: 'filtered host-unreach',
        });
      });
    });

    it('has UDP ports that answer, are closed, and say nothing', async () => {
      await withLab({ rtt: 10 }, async (lab) => {
        await lab.openUdp([53]);
        await lab.silent([54], 'udp');
        for (const address of [lab.address, lab.address6]) {
          expect(await nmapSees(address, '53-55', '-sU')).toEqual({
            53: 'open udp-response',
            54: 'open|filtered no-response',
            55: 'closed port-unreach',
          });
        }
      });
    });

    it('has every TCP port open at once', async () => {
      await withLab({}, async (lab) => {
        await lab.allOpen();
        for (const address of [lab.address, lab.address6]) {
          const seen = await nmapSees(address, '1-500', '-sT');
          expect(new Set(Object.values(seen))).toEqual(new Set(['open syn-ack']));
          expect(Object.keys(seen)).toHaveLength(500);
        }
      });
    });

    it('can die, and can have other open ports at each address', async () => {
      await withLab({}, async (lab) => {
        await lab.open([22], { at: lab.at(20) });
        await lab.open([23], { at: lab.at(21) });
        await lab.alive([lab.at(20), lab.at(21)]);
        expect(await nmapSees(lab.at(20), '22-23', '-sT')).toEqual({ 22: 'open syn-ack', 23: 'closed conn-refused' });
        expect(await nmapSees(lab.at(21), '22-23', '-sT')).toEqual({ 22: 'closed conn-refused', 23: 'open syn-ack' });
        expect(await nmapSees(lab.at(22), '22', '-sT')).toEqual({ 22: 'filtered no-response' });
        await lab.dead();
        expect(await nmapSees(lab.at(20), '22', '-sT')).toEqual({ 22: 'filtered no-response' });
      });
    });
  },
);
