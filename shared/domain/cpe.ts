/** What the Common Platform Enumeration calls a product: part (a program or an operating system), vendor, product. */
export type CpeProduct = readonly [part: 'a' | 'o' | 'h', vendor: string, product: string];

/**
 * The URI of version 2.2, as nmap writes it: "cpe:/a:openbsd:openssh:9.2:p1" (NIST IR 7695, section 6.1). `update` is the
 * patch level behind the version.
 */
export function cpe22([part, vendor, product]: CpeProduct, version = '', update = ''): string {
  const fields = [vendor, product, version, update].map((field) => percentEncoded(field.toLowerCase()));
  return `cpe:/${[part, ...fields].join(':').replace(/:+$/, '')}`;
}

const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);

/** Characters that version 2.3 writes with a backslash in its formatted string (NIST IR 7695, section 6.2). */
const QUOTED = /[^A-Za-z0-9._-]/g;

/** Fields of the formatted string, from the part to "other". */
const FIELDS = 11;

/** The same in version 2.3: "cpe:2.3:a:openbsd:openssh:9.2:p1:*:…"; what is no URI of version 2.2 stays as it is. */
export function cpe23(uri: string): string {
  if (!/^cpe:\/[aoh](?::|$)/.test(uri)) return uri;
  const fields = uri
    .slice('cpe:/'.length)
    .split(':')
    .map((field) => (field === '' ? '*' : decoded(field).replace(QUOTED, '\\$&')));
  const rest = Array.from({ length: Math.max(0, FIELDS - fields.length) }, () => '*');
  return `cpe:2.3:${[...fields, ...rest].slice(0, FIELDS).join(':')}`;
}

function decoded(field: string): string {
  try {
    return decodeURIComponent(field);
  } catch {
    return field;
  }
}
