import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A server's certificate by an authority that a root has signed, and both of these sent along.
 *
 * @param dir where the files are made
 */
export function makeChain(
  names: Readonly<Record<'root' | 'authority' | 'server', string>>,
  dir: string,
): { readonly cert: string; readonly key: string } {
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
