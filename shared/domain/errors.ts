import { cutSentence, excerptOf } from './excerpt.ts';

/**
 * Every error a user can meet, once. `status` is the HTTP status, `title` what went wrong in general,
 * `hint` what to do about it. `docs/errors.md` has a row for each, and a test compares the two.
 */
export const ERRORS = {
  TARGET_UNREADABLE: {
    status: 400,
    title: 'A target cannot be read.',
    hint: 'Write a host name, an address, a CIDR block (10.0.0.0/24) or a range (10.0.0.1-20, 10.0.0-3.1-254).',
  },
  TARGET_UNRESOLVED: {
    status: 400,
    title: 'A host name has no address.',
    hint: 'Check the spelling and the DNS of this machine, or give the address itself.',
  },
  RESOLVER_UNAVAILABLE: {
    status: 503,
    title: 'Host names cannot be looked up just now.',
    hint: 'Try again in a while, or give addresses.',
  },
  TARGET_NONE: {
    status: 400,
    title: 'No target is left to scan.',
    hint: 'Name at least one target that is not excluded and is of the address family asked for.',
  },
  TARGET_FORBIDDEN: {
    status: 403,
    title: 'A target may not be scanned.',
    hint: 'Remove it. Multicast, unspecified, metadata and broadcast addresses are never scanned.',
  },
  TARGET_LIST_UNREADABLE: {
    status: 400,
    title: 'A file of targets cannot be read.',
    hint: 'Give the path of a readable text file with targets between white space, or "-" for standard input.',
  },
  PORTS_UNREADABLE: {
    status: 400,
    title: 'A port specification cannot be read.',
    hint: 'Write ports, ranges and service names between commas: "22,80,8000-9000", "T:443,U:53", "http*", "-".',
  },
  PORT_OUT_OF_RANGE: {
    status: 400,
    title: 'There is no such port.',
    hint: 'Ports go from 0 to 65535.',
  },
  PORT_RANGE_REVERSED: {
    status: 400,
    title: 'A port range ends before it starts.',
    hint: 'Write the lower port first.',
  },
  PORT_NAME_UNKNOWN: {
    status: 400,
    title: 'No port is registered under that service name.',
    hint: 'Write the port number, or a name of the IANA registry ("http", "ssh", "http*").',
  },
  PORTS_NONE: {
    status: 400,
    title: 'No port is left to probe.',
    hint: 'Exclude fewer ports, or ask for more.',
  },
  TOO_MANY_PROBES: {
    status: 413,
    title: 'The scan is too large.',
    hint: 'Split the targets or the ports over several scans.',
  },
  PACE_TOO_SLOW: {
    status: 400,
    title: 'The scan is slower than a fleet can hold to.',
    hint: 'Use -T2 or faster, or scan from your own machine, whose workers have all the time there is.',
  },
  OPTION_UNREADABLE: {
    status: 400,
    title: 'An option has a value that cannot be read.',
    hint: 'See "portfleet scan --help" for what the option takes.',
  },
  OPTIONS_CONFLICT: {
    status: 400,
    title: 'Two options contradict each other.',
    hint: 'Leave one of them out.',
  },
  OPTION_UNKNOWN: {
    status: 400,
    title: 'There is no such option.',
    hint: 'See "portfleet help" and "portfleet scan --help" for the options there are.',
  },
  OPTION_REPEATED: {
    status: 400,
    title: 'An option that takes one value is given twice.',
    hint: 'Give it once.',
  },
  OPTION_UNSUPPORTED: {
    status: 400,
    title: 'An option of another tool has nothing here that would do the same.',
    hint: 'Leave it out; docs/command.md says what the options of other tools become.',
  },
  EXPECTATION_UNREADABLE: {
    status: 400,
    title: 'The ports that are expected cannot be read.',
    hint: 'Write ports ("22,443"), or name a YAML or JSON file with "ports" and "targets"; see docs/ci.md.',
  },
  CONFIG_UNREADABLE: {
    status: 400,
    title: 'A setting of a file, a profile or the environment cannot be used.',
    hint: 'Correct it, or go on without settings with --no-config; "portfleet config" shows those that hold.',
  },
  NMAP_XML_UNREADABLE: {
    status: 400,
    title: 'A file of another scanner cannot be read.',
    hint: 'Give a file written by "nmap -oX", masscan, "naabu -json" or "portfleet --format json"; see docs/formats.md.',
  },
  OUTPUT_UNWRITABLE: {
    status: 500,
    title: 'A report cannot be written.',
    hint: 'Name a file that can be written. A scan that was made is kept: "portfleet show" prints it again.',
  },
  SCAN_NOT_FOUND: {
    status: 404,
    title: 'There is no such scan.',
    hint: 'See "portfleet list" for the scans there are.',
  },
  SCAN_ID_AMBIGUOUS: {
    status: 409,
    title: 'More than one scan begins with that id.',
    hint: 'Write more letters of the id.',
  },
  SCAN_OVER: {
    status: 409,
    title: 'The scan is over.',
    hint: 'Start a new scan; "portfleet show" still prints this one.',
  },
  SCAN_ALREADY_RUNNING: {
    status: 409,
    title: 'The scan is being run by another process.',
    hint: 'Wait for it, or stop that process first.',
  },
  WATCH_NOT_FOUND: {
    status: 404,
    title: 'There is no such watch.',
    hint: 'See "portfleet watch list" for the watches there are.',
  },
  WATCH_NAME_TAKEN: {
    status: 409,
    title: 'The name of the watch stands for another already, or cannot be changed.',
    hint: 'Choose another name; see "portfleet watch list" for those there are.',
  },
  WATCH_FILE_UNREADABLE: {
    status: 400,
    title: 'A file of watches cannot be read.',
    hint: 'Write "watches:" and below it each watch by its name; see docs/watch.md.',
  },
  ALERT_NOT_FOUND: {
    status: 404,
    title: 'The watch has no such open alert.',
    hint: 'See "portfleet watch show" for those that are open; "all" takes every one.',
  },
  TOO_FEW_DESCRIPTORS: {
    status: 503,
    title: 'The process may open too few files to scan.',
    hint: 'Raise the limit ("ulimit -n 1024") and try again.',
  },
  WORKERS_FAILED: {
    status: 500,
    title: 'The worker processes keep failing.',
    hint: 'Nothing found so far is lost: "portfleet resume" goes on where the scan stopped.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: 'The store of scans cannot be opened or written.',
    hint: 'Check that the data directory exists and is writable, or name another with --data-dir.',
  },
  STORE_FULL: {
    status: 507,
    title: 'The disk that holds the store is full.',
    hint: 'Make room and resume the scan, or name another directory with --data-dir.',
  },
  STORE_TOO_NEW: {
    status: 503,
    title: 'The store was written by a newer Portfleet.',
    hint: 'Use that version, or name another directory with --data-dir.',
  },
  STORE_FOREIGN: {
    status: 503,
    title: 'The file belongs to another program.',
    hint: 'Name another directory with --data-dir.',
  },
  STORE_GONE: {
    status: 503,
    title: 'The store was deleted, or replaced, while it was in use.',
    hint: 'What was found since then is lost: scan again, with a data directory that stays.',
  },
  SCAN_DAMAGED: {
    status: 500,
    title: 'What is stored of a scan cannot be read.',
    hint: 'The other scans are not touched by it. Scan again.',
  },
  WATCH_DAMAGED: {
    status: 500,
    title: 'What is stored of a watch cannot be read.',
    hint: 'The other watches are not touched by it. Remove it by its id, and add it again.',
  },
  BODY_UNREADABLE: {
    status: 400,
    title: 'The body of the request cannot be read.',
    hint: 'Send one JSON object; GET /openapi.json describes it.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'The body of the request is too large.',
    hint: 'Write networks as CIDR blocks and ranges, or split the targets over several scans.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The body of the request is not declared as JSON.',
    hint: 'Send it with "Content-Type: application/json".',
  },
  FIELD_UNKNOWN: {
    status: 400,
    title: 'A field of the request is unknown.',
    hint: 'Leave it out; GET /openapi.json lists the fields there are.',
  },
  FIELD_UNREADABLE: {
    status: 400,
    title: 'A field of the request has a value that cannot be read.',
    hint: 'See GET /openapi.json for what the field takes.',
  },
  FORMAT_NOT_ACCEPTABLE: {
    status: 406,
    title: 'There is no format that the request accepts.',
    hint: 'Name one with "?format=", or accept application/json.',
  },
  REPORT_TOO_LARGE: {
    status: 413,
    title: 'The report is too large for one answer.',
    hint: 'Fetch it from the endpoint for reports (the output ReportEndpoint), or with "portfleet show --endpoint".',
  },
  KEY_REUSED: {
    status: 422,
    title: 'The idempotency key was used for another request.',
    hint: 'Send a fresh "Idempotency-Key" with every new request, and the same one only to repeat it.',
  },
  PROBES_SPENT: {
    status: 429,
    title: 'The probes of the day are spent.',
    hint: 'Wait until midnight UTC, ask for fewer ports, or have "dailyProbeQuota" raised by the owner.',
  },
  WRITTEN_BY_NEWER: {
    status: 409,
    title: 'A newer version wrote it.',
    hint: 'Deploy that version again; its scans wait for it.',
  },
  WORKER_TIME_SPENT: {
    status: 429,
    title: 'The worker time of the day is spent.',
    hint: 'Wait until midnight UTC, raise the rate, ask for fewer ports, or have "dailyWorkerHours" raised by the owner.',
  },
  TOO_MANY_SCANS: {
    status: 429,
    title: 'Too many scans run at once.',
    hint: 'Wait until one of them is over, or cancel one.',
  },
  TOO_MANY_STREAMS: {
    status: 503,
    title: 'Too many pages follow scans at once.',
    hint: 'Close one of them. Without events a page asks for what is new by itself, a little later.',
  },
  SCAN_NOT_OVER: {
    status: 409,
    title: 'The scan is not over yet.',
    hint: 'Cancel it first.',
  },
  ROUTE_UNKNOWN: {
    status: 404,
    title: 'There is nothing at that address.',
    hint: 'See GET /openapi.json for what there is.',
  },
  METHOD_UNSUPPORTED: {
    status: 405,
    title: 'That cannot be done with this address.',
    hint: 'Use one of the methods that the "Allow" header lists.',
  },
  TOKEN_WRONG: {
    status: 401,
    title: 'The request does not carry the token of this server.',
    hint: 'Send "Authorization: Bearer <token>"; "portfleet serve" says where the token is.',
  },
  REQUEST_FOREIGN: {
    status: 403,
    title: 'The request comes from another site.',
    hint: 'Call the server under the address that "portfleet serve" printed, from a page of its own or from a program.',
  },
  HOST_NOT_LOOPBACK: {
    status: 400,
    title: 'The server listens on this machine alone.',
    hint: 'Name 127.0.0.1 or ::1. To use it from elsewhere, make a tunnel ("ssh -L"), or deploy the API with cdk.',
  },
  LISTEN_FAILED: {
    status: 500,
    title: 'The server cannot listen.',
    hint: 'Name another port with --port; 0 takes one that is free.',
  },
  ENDPOINT_UNREADABLE: {
    status: 400,
    title: 'The endpoint cannot be used.',
    hint: 'Write what "cdk deploy" printed: "https://<id>.execute-api.<region>.amazonaws.com".',
  },
  ENDPOINT_UNREACHABLE: {
    status: 502,
    title: 'The endpoint does not answer.',
    hint: 'Check the address, the network and that the deployment exists; "--endpoint local" uses this machine.',
  },
  ANSWER_UNREADABLE: {
    status: 502,
    title: 'The endpoint answers something else than Portfleet does.',
    hint: 'Check the address, and that the deployment is of the version of this command.',
  },
  REGION_UNKNOWN: {
    status: 400,
    title: 'The region of the endpoint is not known.',
    hint: 'Set AWS_REGION, or "region" in the profile.',
  },
  CREDENTIALS_MISSING: {
    status: 401,
    title: 'There are no AWS credentials to sign the request with.',
    hint: 'Set AWS_PROFILE, sign in with "aws sso login", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  },
  CREDENTIALS_REFUSED: {
    status: 403,
    title: 'The endpoint does not let these credentials in.',
    hint: 'Check the account, the region and the clock, and that the principal may "execute-api:Invoke" this API.',
  },
  ERRORS_OMITTED: {
    status: 400,
    title: 'There are more errors than are listed.',
    hint: 'Correct those that are listed, and try again.',
  },
  UNEXPECTED: {
    status: 500,
    title: 'Something went wrong that should not.',
    hint: 'Try again; if it happens again, tell the owner of the deployment the time and the id of the scan.',
  },
} as const satisfies Record<string, { status: number; title: string; hint: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Where in the user's own words the error lies; `start` and `end` are offsets into `text`, an excerpt of a long one. */
export interface Place {
  /** The option or field, as the user writes it: "--ports", "target". */
  readonly field: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One error of one request: what is wrong here, in particular, and what mends it. */
export interface ErrorValue {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint: string;
  readonly at?: Place;
  /** Of the last of many: how many more there are, which are not told (see `ErrorList`). */
  readonly omitted?: number;
}

/**
 * An error of the table. `hint` replaces the table's general advice where a better one is known. However long the
 * user's text is, the error shows a bounded piece of it.
 */
export function errorValue(code: ErrorCode, detail: string, more: { at?: Place; hint?: string } = {}): ErrorValue {
  const hint = cutSentence(more.hint ?? ERRORS[code].hint);
  return { code, detail: cutSentence(detail), hint, ...(more.at && { at: excerptOf(more.at) }) };
}

/** Errors on their way up through code that cannot go on. */
export class PortfleetError extends Error {
  readonly errors: readonly ErrorValue[];

  constructor(errors: readonly ErrorValue[], options?: ErrorOptions) {
    super(errors.map((each) => each.detail).join('; '), options);
    this.name = 'PortfleetError';
    this.errors = errors;
  }
}
