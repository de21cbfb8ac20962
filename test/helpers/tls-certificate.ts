import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.ts';

export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
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
