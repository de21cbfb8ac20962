import type { Finding, Service } from '../../domain/finding.ts';
import type { CertificateFacts, TlsFacts } from '../../domain/tls-facts.ts';
import { readNumber } from './read-values.ts';
import type { Attributes } from './xml-tokens.ts';

/** nmap's service element. Its confidence in a name from the table says nothing. */
export function readService(attributes: Attributes): Service | null {
  const text = (name: string): string | undefined => attributes.get(name) || undefined;
  const name = text('name');
  if (name === undefined) return null;
  if (text('method') !== 'probed') return { name, method: 'table' };
  const [product, version, info, confidence] = [
    text('product'),
    text('version'),
    text('extrainfo'),
    readNumber(text('conf')),
  ];
  return {
    name,
    method: 'probed',
    ...(product !== undefined && { product }),
    ...(version !== undefined && { version }),
    ...(info !== undefined && { info }),
    ...(confidence !== undefined && { confidence }),
  };
}

/** The JSON of our own instruction. It is somebody's file: whatever is not as we write it is left out. */
export function readMore(json: string | undefined): Pick<Finding, 'banner' | 'tls'> {
  const value = json === undefined ? undefined : parsed(json);
  if (!isRecord(value)) return {};
  const { banner, tls } = value;
  return {
    ...(typeof banner === 'string' && /^[\0-\xff]*$/.test(banner) && { banner }),
    ...(isTls(tls) && { tls }),
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);

const TLS_FIELDS = {
  version: isText,
  cipher: isText,
  alpn: isTextOrNull,
  serverName: isTextOrNull,
  startTls: isTextOrNull,
  certificate: (value) => value === null || hasFields(value, CERTIFICATE_FIELDS),
} as const satisfies Record<keyof TlsFacts, Fields[string]>;

const CERTIFICATE_FIELDS = {
  subject: isText,
  issuer: isText,
  names: (value) => Array.isArray(value) && value.every(isText),
  validFrom: Number.isFinite,
  validTo: Number.isFinite,
  selfSigned: (value) => typeof value === 'boolean',
  key: isText,
  serial: isText,
  fingerprint: isText,
} as const satisfies Record<keyof CertificateFacts, Fields[string]>;

const isTls = (value: unknown): value is TlsFacts => hasFields(value, TLS_FIELDS);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Exactly those fields, each as it should be. */
const hasFields = (value: unknown, fields: Fields): boolean =>
  isRecord(value) &&
  Object.keys(value).every((name) => Object.hasOwn(fields, name)) &&
  Object.entries(fields).every(([name, fits]) => fits(value[name]));
