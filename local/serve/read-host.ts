import { canonicalAddress, singleAddress } from '../../shared/domain/addresses/address-set.ts';
import { errorValue } from '../../shared/domain/errors.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { isLoopback } from '../../shared/request/target-policy.ts';

/** The address that `--host` names: one of loopback, or nothing is listened on at all. A name is not looked up. */
export function readHost(text: string): Result<string> {
  if (text.toLowerCase() === 'localhost') return ok('127.0.0.1');
  const address = canonicalAddress(text.replace(/^\[(.*)\]$/, '$1'));
  if (address && isLoopback([singleAddress(address)])) return ok(address);
  const at = { field: '--host', text, start: 0, end: text.length };
  return err(errorValue('HOST_NOT_LOOPBACK', `"${text}" is no address of this machine alone.`, { at }));
}
