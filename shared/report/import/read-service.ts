import type { Finding, Service } from '../../domain/finding.ts';
import { type CertificateFacts, type IssuerFacts, TLS_VERSIONS, type TlsFacts } from '../../domain/tls-facts.ts';
import { readNumber, textOf } from './read-values.ts';
import type { Attributes } from './xml-tokens.ts';

/** Attributes of a service beside its name, under our names. */
const SERVICE_TEXTS = {
  product: 'product',
  version: 'version',
  extrainfo: 'info',
  hostname: 'hostname',
  ostype: 'ostype',
  devicetype: 'devicetype',
} as const satisfies Record<string, keyof Service>;

/** nmap's service element. Its confidence in a name from the table says nothing. */
export function readService(attributes: Attributes): Service | null {
  const name = attributes.get('name');
  if (!name) return null;
  const isProbed = attributes.get('method') === 'probed';
  const confidence = readNumber(attributes.get('conf'));
  const texts = Object.entries(SERVICE_TEXTS).flatMap(([attribute, member]) => {
    const text = attributes.get(attribute);
    return text ? [[member, text]] : [];
  });
  return {
    name,
    method: isProbed ? 'probed' : 'table',
    ...Object.fromEntries(texts),
    ...(attributes.get('tunnel') === 'ssl' && { tunnel: 'ssl' }),
    ...(isProbed && confidence !== undefined && { confidence }),
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

/** TLS facts as our JSON shows them: dates are texts, and what follows from the facts stands beside them. */
export function readTls(shown: unknown): TlsFacts | undefined {
  if (!isRecord(shown)) return undefined;
  const { concerns: _, certificate, ...rest } = shown;
  const facts = { ...rest, certificate: isRecord(certificate) ? certificateOf(certificate) : certificate };
  return isTls(facts) ? facts : undefined;
}

const timeOf = (text: unknown): number => Date.parse(textOf(text));

/** With the members in their order, so that a document that is written again is the same. */
function certificateOf({ daysLeft: _, ...shown }: Readonly<Record<string, unknown>>) {
  const { validFrom, validTo, issuers } = shown;
  return {
    ...shown,
    validFrom: timeOf(validFrom),
    validTo: timeOf(validTo),
    ...(isListOfRecords(issuers) && {
      issuers: issuers.map((issuer) => ({ ...issuer, validTo: timeOf(issuer['validTo']) })),
    }),
  };
}

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);

const TLS_FIELDS = {
  version: isText,
  accepts: (value) =>
    value === undefined || (Array.isArray(value) && value.every((each) => TLS_VERSIONS.includes(each))),
  cipher: isText,
  ephemeralKey: (value) => value === undefined || isText(value),
  alpn: isTextOrNull,
  serverName: isTextOrNull,
  startTls: isTextOrNull,
  certificate: (value) => value === null || hasFields(value, CERTIFICATE_FIELDS),
} as const satisfies Record<keyof Required<TlsFacts>, Fields[string]>;

const ISSUER_FIELDS = {
  subject: isText,
  issuer: isText,
  validTo: Number.isFinite,
  fingerprint: isText,
} as const satisfies Record<keyof IssuerFacts, Fields[string]>;

const CERTIFICATE_FIELDS = {
  subject: isText,
  issuer: isText,
  names: (value) => Array.isArray(value) && value.every(isText),
  validFrom: Number.isFinite,
  validTo: Number.isFinite,
  selfSigned: (value) => typeof value === 'boolean',
  key: isText,
  signature: (value) => value === undefined || isText(value),
  issuers: (value) =>
    value === undefined || (Array.isArray(value) && value.every((issuer) => hasFields(issuer, ISSUER_FIELDS))),
  chain: (value) => value === undefined || (Array.isArray(value) && value.every(isText)),
  serial: isText,
  fingerprint: isText,
} as const satisfies Record<keyof Required<CertificateFacts>, Fields[string]>;

const isTls = (value: unknown): value is TlsFacts => hasFields(value, TLS_FIELDS);

const isListOfRecords = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.every(isRecord);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Exactly those fields, each as it should be. */
const hasFields = (value: unknown, fields: Fields): boolean =>
  isRecord(value) &&
  Object.keys(value).every((name) => Object.hasOwn(fields, name)) &&
  Object.entries(fields).every(([name, fits]) => fits(value[name]));
