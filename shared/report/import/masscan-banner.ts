import type { Service } from '../../domain/finding.ts';

/** masscan's names of what it read, where they are names of services; its others are parts of one (a title, a certificate). */
const SERVICES: Readonly<Record<string, string>> = {
  ftp: 'ftp',
  ssh: 'ssh',
  telnet: 'telnet',
  smtp: 'smtp',
  'dns-ver': 'domain',
  http: 'http',
  pop: 'pop3',
  imap: 'imap',
  snmp: 'snmp',
  smb: 'microsoft-ds',
  rdp: 'ms-wbt-server',
  vnc: 'vnc',
  memcached: 'memcache',
};

/** What masscan read from a port, or the words for what is not kept of it. */
export type MasscanBanner =
  | { readonly kind: 'banner'; readonly service: Service; readonly banner: string }
  | { readonly kind: 'other'; readonly what: string };

/** The service and what it said, its bytes as they came: masscan writes those that cannot be printed as "\\x0d". */
export function readMasscanBanner(name: string | undefined, text: string | undefined): MasscanBanner {
  const service = name === undefined ? undefined : SERVICES[name];
  if (service === undefined || text === undefined) return { kind: 'other', what: 'other banners of masscan' };
  const banner = text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const isBytes = /^[\0-\xff]*$/.test(banner);
  return isBytes
    ? { kind: 'banner', service: { name: service, method: 'probed' }, banner }
    : { kind: 'other', what: 'other banners of masscan' };
}
