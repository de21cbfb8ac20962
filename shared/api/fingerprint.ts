/** A digest of a value that does not depend on the order of its members. Web Crypto: the same in Lambda and everywhere. */
export async function fingerprint(value: unknown): Promise<string> {
  const text = JSON.stringify(value, (_key, part: unknown) => (isObject(part) ? sorted(part) : part));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (value: object): object =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
