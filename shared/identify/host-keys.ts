import { latin1 } from '../domain/bytes.ts';
import type { Service } from '../domain/finding.ts';
import type { SshHostKey } from '../domain/service-facts.ts';
import { hostKeyKind } from './protocols/kit/ssh-packets.ts';

/** An SSH service with the keys that it showed. */
export async function withHostKeys(service: Service, keys: readonly Uint8Array[] = []): Promise<Service> {
  if (service.ssh === undefined || keys.length === 0) return service;
  return { ...service, ssh: { ...service.ssh, hostKeys: await Promise.all(keys.map(shown)) } };
}

/** As `ssh-keygen -l` shows a key: Base64 without padding. */
async function shown(key: Uint8Array): Promise<SshHostKey> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(key)));
  return { ...hostKeyKind(key), fingerprint: `SHA256:${btoa(latin1(digest)).replace(/=+$/, '')}` };
}
