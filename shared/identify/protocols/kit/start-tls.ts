import { bytesOfLatin1 } from '../../../domain/bytes.ts';
import type { StartTls, StartTlsStep } from './matcher.ts';

const step = (say: string | null, ready: RegExp | null): StartTlsStep => ({
  say: say === null ? null : bytesOfLatin1(say),
  ready,
});

/** Each pair is what to say (null: let the server speak first) and what must be heard before going on (null: nothing). */
export const startTls = (...pairs: readonly (readonly [say: string | null, ready: RegExp | null])[]): StartTls => ({
  steps: pairs.map(([say, ready]) => step(say, ready)),
});
