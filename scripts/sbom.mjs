/**
 * Writes the bill of materials of what is shipped, in CycloneDX 1.6: node scripts/sbom.mjs [file]. It has no time and no
 * random number in it, so that two builds of the same commit make the same file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shippedPackages } from './shipped.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The bill of these packages; without any, of what is shipped now. */
export async function billOfMaterials(packages) {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const purl = `pkg:npm/${name}@${version}`;
  const components = (packages ?? (await shippedPackages())).map(componentOf);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': purl, name, version, purl } },
    components,
    dependencies: [{ ref: purl, dependsOn: components.map((component) => component['bom-ref']) }],
  };
}

function componentOf({ name, version, licence, where, integrity }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const sha512 = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    licenses: [/ (AND|OR) /.test(licence) ? { expression: licence } : { license: { id: licence } }],
    hashes: [{ alg: 'SHA-512', content: sha512 }],
    properties: where.map((value) => ({ name: 'portfleet:shippedIn', value })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(
    process.argv[2] ?? join(ROOT, 'dist/sbom.cdx.json'),
    `${JSON.stringify(await billOfMaterials(), null, 1)}\n`,
  );
}
