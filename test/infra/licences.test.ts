import { beforeAll, describe, expect, it } from 'vitest';
import { billOfMaterials } from '../../scripts/sbom.mjs';
import { type ShippedPackage, shippedPackages } from '../../scripts/shipped.mjs';
import { expectInDocs } from '../helpers/docs.ts';

/** Licences that ask for no more than their notice. Another one is for people to decide on, not for a test. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

describe('The packages that are shipped', () => {
  let packages: ShippedPackage[] = [];

  beforeAll(async () => {
    packages = await shippedPackages();
  });

  it('stand in docs/licences.md, row by row', () => {
    const rows = packages.map(
      ({ name, version, licence, where }) => `| ${name} | ${version} | ${licence} | ${where.join(', ')} |`,
    );
    const head = '| package | version | licence | in |\n|---|---|---|---|';
    expectInDocs('docs/licences.md', 'packages', [head, ...rows].join('\n'));
  });

  it('have licences that allow to ship them', () => {
    expect(packages.filter(({ licence }) => !PERMISSIVE.includes(licence))).toEqual([]);
  });

  it('stand in the bill of materials, each with its checksum', async () => {
    const { bomFormat, specVersion, components } = await billOfMaterials(packages);
    expect([bomFormat, specVersion]).toEqual(['CycloneDX', '1.6']);
    expect(components.map(({ name, version }) => `${name} ${version}`)).toEqual(
      packages.map(({ name, version }) => `${name} ${version}`),
    );
    for (const { hashes } of components) expect(hashes[0]?.content).toMatch(/^[0-9a-f]{128}$/);
    expect(new Set(components.map(({ purl }) => purl)).size).toBe(components.length);
  });

  it('make the same bill of materials twice', async () => {
    expect(JSON.stringify(await billOfMaterials())).toBe(JSON.stringify(await billOfMaterials(packages)));
  });
});
