import { bytesOfHex, littleEndian } from '../../domain/bytes.ts';
import { type Match, type Matcher, SURE } from './kit/matcher.ts';

const MAJOR = 11;
const [FAILED, SUCCESS, AUTHENTICATE] = [0, 1, 2];

/** The places of the answer (section 8): of the server's release, the vendor's length, and its name. */
const RELEASE_AT = 8;
const VENDOR_LENGTH_AT = 24;
const VENDOR_AT = 40;

/** Since 1.20 X.Org counts its releases as major × 10⁷ + minor × 10⁵ + patch × 10³; before that there were more of them. */
function releaseOf(release: number): string {
  return [Math.floor(release / 1e7), Math.floor(release / 1e5) % 100, Math.floor(release / 1e3) % 100].join('.');
}

export const x11: Matcher = {
  name: 'x11',
  source: 'X Window System Protocol, section 8 (Connection Setup)',
  ports: Array.from({ length: 10 }, (_, display) => 6000 + display),
  tlsPorts: [],
  // Least significant byte first, protocol 11.0, no authorisation.
  question: { name: 'x11', bytes: () => bytesOfHex('6c 00 0b 00 00 00 00 00 00 00 00 00') },
  match({ bytes, text, asked }) {
    if (asked !== 'x11') return null;
    const kind = bytes[0];
    // Without permission the answer is a text whose length stands in the second byte.
    if (kind === AUTHENTICATE) return { name: 'x11', info: 'wants authentication', confidence: SURE };
    if (littleEndian(bytes, 2, 2) !== MAJOR || littleEndian(bytes, 4, 2) !== 0) return null;
    if (kind === FAILED) return { name: 'x11', info: text.slice(8, 8 + (bytes[1] ?? 0)).trim(), confidence: SURE };
    return kind === SUCCESS ? opened(bytes, text) : null;
  },
};

/** The display let us in, as it would let anybody in. */
function opened(bytes: Uint8Array, text: string): Match {
  const length = Math.min(littleEndian(bytes, VENDOR_LENGTH_AT, 2) ?? 0, 100);
  const product = text.slice(VENDOR_AT, VENDOR_AT + length);
  const release = littleEndian(bytes, RELEASE_AT, 4) ?? 0;
  const version = /X\.Org/.test(product) ? releaseOf(release) : undefined;
  return { name: 'x11', product, version, info: 'open to everybody', confidence: SURE };
}
