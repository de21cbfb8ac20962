import type { Lab } from '../../bench/lab/lab.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';

/** What ports 20 to 31 are after `everyState`, for whoever connects over either family. */
export const EVERY_STATE: Readonly<Record<number, Verdict>> = {
  20: 'open/syn-ack',
  21: 'open/syn-ack',
  22: 'open/syn-ack',
  23: 'open/syn-ack',
  24: 'open/syn-ack',
  25: 'open/syn-ack',
  26: 'closed/conn-refused',
  27: 'filtered/no-response',
  28: 'filtered/admin-prohibited',
  29: 'filtered/host-unreach',
  30: 'filtered/net-unreach',
  31: 'closed/conn-refused',
};

/** Sets up a port in each state that there is; 32 to 34 are refused in ways that IPv4 alone has. */
export async function everyState(lab: Lab): Promise<void> {
  await lab.open([20]);
  await lab.mute([21]);
  await lab.resetting([22]);
  await lab.say([23], 'SSH-2.0-lab\r\n');
  await lab.openFromAttempt(2, [24]);
  // Found because port 24 shows that probes are lost here.
  await lab.openFromAttempt(3, [25]);
  await lab.silent([27]);
  await lab.reject('admin-prohibited', [28]);
  await lab.reject('host-unreach', [29]);
  await lab.reject('net-unreach', [30]);
  await lab.reject('port-unreach', [31]);
  await lab.reject('proto-unreach', [32]);
  await lab.reject('host-prohibited', [33]);
  await lab.reject('net-prohibited', [34]);
}
