import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.ts';

export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A server's certificate by an authority that a root has signed, and both of these sent along. */
export function makeChain(names: Readonly<Record<'root' | 'authority' | 'server', string>>): MadeCertificate {
  const dir = tempDir();
  const make = (name: keyof typeof names, signer?: keyof typeof names): string => {
    const by = signer ? ['-CA', join(dir, `${signer}.pem`), '-CAkey', join(dir, `${signer}.key`)] : [];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '90'];
    const files = ['-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.pem`)];
    const what = ['-subj', names[name], '-addext', `basicConstraints=critical,CA:${name !== 'server'}`];
    execFileSync('openssl', [...made, ...by, ...files, ...what], { stdio: 'pipe' });
    return readFileSync(join(dir, `${name}.pem`), 'utf8');
  };
  const [root, authority, server] = [make('root'), make('authority', 'root'), make('server', 'authority')];
  return { cert: `${server}${authority}${root}`, key: readFileSync(join(dir, 'server.key'), 'utf8') };
}

/** A self-signed certificate for these names, made by openssl. */
export function makeCertificate(subject: string, alternativeNames: string, days: number): MadeCertificate {
  const dir = tempDir();
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const names = ['-subj', subject, '-addext', `subjectAltName=${alternativeNames}`];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...made, '-days', String(days), '-keyout', key, '-out', cert, ...names], { stdio: 'pipe' });
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}
