import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';

/** An endpoint, and what its name tells of it. */
export interface Endpoint {
  /** Without a slash at the end; may have a path, such as the stage of an API. */
  readonly url: string;
  readonly host: string;
  /** On this machine: no other one hears what is sent. */
  readonly isLoopback: boolean;
  readonly port: number;
  /** Of AWS's own names; null for a domain of one's own. */
  readonly region: string | null;
  /** What a signature is for. */
  readonly service: 'execute-api' | 'lambda';
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const API_GATEWAY = /^[a-z0-9]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
const FUNCTION_URL = /^[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;

/** @throws PortfleetError ENDPOINT_UNREADABLE */
export function readEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.search || url.hash) {
    throw unreadable(`"${text}" is no address of an API.`);
  }
  const isLoopback = LOOPBACK.test(url.hostname);
  // A signature can be used by whoever hears it, for some minutes; so can what it asks for.
  if (url.protocol === 'http:' && !isLoopback) throw unreadable(`"${text}" would be spoken to without encryption.`);
  const functionRegion = FUNCTION_URL.exec(url.hostname)?.[1];
  return {
    url: url.href.replace(/\/+$/, ''),
    host: url.host,
    isLoopback,
    port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    region: functionRegion ?? API_GATEWAY.exec(url.hostname)?.[1] ?? null,
    service: functionRegion === undefined ? 'execute-api' : 'lambda',
  };
}

const unreadable = (detail: string): PortfleetError => new PortfleetError([errorValue('ENDPOINT_UNREADABLE', detail)]);
