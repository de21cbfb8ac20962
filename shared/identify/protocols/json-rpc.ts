import { LIKELY } from './kit/matcher.ts';
import { wordsMatcher } from './kit/words.ts';

/** What it is for, it does not say: a miner, a wallet, a player. */
export const jsonRpc = wordsMatcher({
  name: 'json-rpc',
  source: 'JSON-RPC 2.0, sections 4 and 5.1: errors -32700 and -32600',
  ports: [1705],
  words: [
    {
      after: 'any',
      pattern: /^\s{0,4}\{(?=[\s\S]{0,600}"error" ?: ?\{)(?=[\s\S]{0,600}"code" ?: ?-32[67]00\b)/,
      is: { confidence: LIKELY },
    },
  ],
});
