import { latin1, utf8 } from '../domain/bytes.ts';
import type { Service } from '../domain/finding.ts';
import type { HttpFacts } from '../domain/service-facts.ts';
import { cpesOf } from './cpe-table.ts';
import type { Match } from './protocols/kit/matcher.ts';

/** The service that a match stands for: its texts made fit to keep, and its enumerations looked up. */
export function serviceOf(match: Match): Service {
  const { name, product, version, info, hostname, os, deviceType, http, ssh, confidence } = match;
  const texts = Object.entries({ product, version, info, hostname, ostype: os, devicetype: deviceType }).flatMap(
    ([key, text]) => {
      const tidied = tidy(text ?? '');
      return tidied === '' ? [] : [[key, tidied] as const];
    },
  );
  const cpe = cpesOf(product, version, os);
  return {
    name,
    method: 'probed',
    confidence,
    ...Object.fromEntries(texts),
    ...(cpe.length > 0 && { cpe }),
    ...(http && { http: tidyFacts(http) }),
    ...(ssh && { ssh }),
  };
}

/** Bytes of an unknown service's answer that are shown. */
const MOST_SHOWN = 128;

/** A port that no matcher claims keeps its name from the table; what it said is shown as a fingerprint. */
export function unknownService(service: Service, heard: Uint8Array, asked: string | null): Service {
  if (heard.length === 0) return service;
  const said = latin1(heard.subarray(0, MOST_SHOWN)).replace(
    /[^\x21-\x7e ]|["\\]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return { ...service, fingerprint: `${asked ?? 'greeting'} "${said}"` };
}

/** Characters kept of a product, a version or a remark: a line of a terminal. */
const LONGEST_TEXT = 120;

/** One line of UTF-8, without the white space around it. Control characters are for the formats to escape. */
const tidy = (text: string): string => utf8(text).replace(/\s+/g, ' ').trim().slice(0, LONGEST_TEXT);

const tidyFacts = (http: HttpFacts): HttpFacts =>
  Object.fromEntries(
    Object.entries(http).map(([key, value]) => [key, typeof value === 'string' ? tidy(value) : value]),
  ) as unknown as HttpFacts;
