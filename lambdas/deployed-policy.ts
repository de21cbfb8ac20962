import { rangeOf } from '../shared/domain/addresses/address-line.ts';
import { type ErrorValue, errorValue, PortfleetError } from '../shared/domain/errors.ts';
import type { AddressRange } from '../shared/domain/scan.ts';
import { parseTarget } from '../shared/request/parse-target.ts';
import { DEPLOYED_POLICY, type Policy, type Scope } from '../shared/request/target-policy.ts';
import type { Environment } from './env.ts';

/**
 * What this deployment may scan: the scope that its owner listed, separated by commas. The API checks it when a scan
 * is submitted, and every worker again before it probes.
 *
 * @throws PortfleetError for a scope that cannot be read: better no scan than one that was not meant
 */
export function deployedPolicy(env: Environment): Policy {
  return {
    ...DEPLOYED_POLICY,
    scope: readScope(env['PORTFLEET_SCOPE'] ?? ''),
    allowPrivate: env['PORTFLEET_ALLOW_PRIVATE'] === 'true',
    allowLoopback: mayProbeLoopback(env),
  };
}

/** Where messages may go: to addresses that the whole Internet reaches, and no others, whatever may be scanned. */
export const receiverPolicy = (env: Environment): Policy => ({
  ...DEPLOYED_POLICY,
  scope: null,
  allowLoopback: mayProbeLoopback(env),
});

/**
 * In Lambda, loopback is the runtime that hands out the events. It may be probed only under an emulator on this very
 * machine: where AWS itself is spoken to at 127.0.0.1. In a real deployment no call to AWS would get through like that,
 * so there is no setting that opens it.
 */
function mayProbeLoopback(env: Environment): boolean {
  const wanted = env['PORTFLEET_EMULATED_LOOPBACK'] === 'true';
  const aws = URL.canParse(env['AWS_ENDPOINT_URL'] ?? '') ? new URL(env['AWS_ENDPOINT_URL'] ?? '') : null;
  return wanted && aws?.hostname === '127.0.0.1';
}

/** In a scope: every public address of the account itself. */
const OWN = 'own';

function readScope(listed: string): Scope {
  const ranges: AddressRange[] = [];
  const names: string[] = [];
  const errors: ErrorValue[] = [];
  let own = false;
  for (const entry of listed
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)) {
    if (entry === OWN) {
      own = true;
      continue;
    }
    const spec = parseTarget(entry.replace(/^\*\./, ''), 'scope');
    if (!spec.ok) errors.push(...spec.errors);
    else if (spec.value.kind === 'name') names.push(entry);
    else if (entry.startsWith('*'))
      errors.push(errorValue('TARGET_UNREADABLE', `The scope has "${entry}", which is no name.`));
    else if (spec.value.kind === 'range') ranges.push(...spec.value.spans.map(rangeOf));
    else
      errors.push(
        errorValue('TARGET_UNREADABLE', `The scope has "${entry}"; write "${OWN}" for what is the account's.`),
      );
  }
  if (errors.length > 0) throw new PortfleetError(errors);
  return { ranges, names, ...(own && { own: true }) };
}
