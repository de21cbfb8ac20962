import type { CliContext } from './context.ts';
import type { KeptOptions } from './scan-options.ts';

/** The endpoint that --endpoint or PORTFLEET_ENDPOINT names; undefined for this machine, which "local" names too. */
export function endpointOf({ endpoint }: KeptOptions, { env }: CliContext): string | undefined {
  const said = endpoint ?? env['PORTFLEET_ENDPOINT'];
  return said === undefined || said === '' || said === 'local' ? undefined : said;
}
