import { PortfleetError } from './errors.ts';
import type { Result } from './result.ts';

/**
 * The value, where errors are thrown rather than handed on.
 *
 * @throws PortfleetError with every error of the result
 */
export function orThrow<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw new PortfleetError(result.errors);
}
