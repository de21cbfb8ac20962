import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { makeApi } from '../../../shared/api/app.ts';
import { openApi } from '../../../shared/api/openapi.ts';
import { ROUTES } from '../../../shared/api/routes.ts';
import { ERRORS } from '../../../shared/domain/errors.ts';
import { JSON_FIELDS } from '../../../shared/request/request-fields.ts';
import type { Described } from '../../helpers/conformance.ts';
import { expectInDocs } from '../../helpers/docs.ts';
import { unusedApiDeps } from '../../helpers/unused-api-deps.ts';

const described = openApi('1.2.3') as unknown as Described;

/** Every value under a key of that name, anywhere in the document. */
function valuesOf(name: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...(key === name ? [member] : []),
    ...valuesOf(name, member),
  ]);
}

describe('The description of the API', () => {
  it('has each route that the server has, and no other', () => {
    const served = makeApi(unusedApiDeps()).routes.filter(({ method }) => method !== 'ALL');
    const routes = served.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const written = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(written.sort()).toEqual([...routes].sort());
    expect(written.length).toBe(ROUTES.length + 1);
  });

  it('has each error of the table, with its hint', () => {
    const { ErrorCode } = described.components.schemas;
    expect(ErrorCode?.enum).toEqual(Object.keys(ERRORS));
    for (const { title, hint } of Object.values(ERRORS)) {
      expect(JSON.stringify(ErrorCode)).toContain(JSON.stringify(`${title} ${hint}`).slice(1, -1));
    }
  });

  it('tells each error of a route under its status', () => {
    for (const { method, path, errors } of ROUTES) {
      const responses = described.paths[path]?.[method.toLowerCase()]?.responses ?? {};
      for (const code of errors) expect(responses[`${ERRORS[code].status}`]?.description).toContain(`\`${code}\``);
    }
  });

  it('has every field of a request that a error can point at', () => {
    const request = described.components.schemas['ScanRequest'] as { properties?: object };
    for (const field of Object.values(JSON_FIELDS)) expect(request.properties).toHaveProperty(field);
  });

  it('names every operation once, and points at nothing that is not there', () => {
    const ids = valuesOf('operationId', described.paths);
    expect(new Set(ids).size).toBe(ids.length);
    const references = valuesOf('$ref', described) as string[];
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
      expect(Object.keys(described.components.schemas), reference).toContain(name);
    }
  });

  it('is of schemas that a validator takes, each of them', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(described, 'api');
    for (const name of Object.keys(described.components.schemas)) {
      expect(ajv.validateSchema(described.components.schemas[name] ?? {}), name).toBe(true);
      expect(() => ajv.compile({ $ref: `api#/components/schemas/${name}` }), name).not.toThrow();
    }
  });

  it('stands in docs/api.md, route by route', () => {
    const rows = ROUTES.map(({ method, path, query, summary }) => {
      const parameters = Object.keys(query ?? {}).map((name) => `\`${name}\``);
      return `| \`${method} ${path}\` | ${parameters.join(' ')} | ${summary} |`;
    });
    expectInDocs(
      'docs/api.md',
      'routes',
      ['| route | parameters | what it does |', '|---|---|---|', ...rows].join('\n'),
    );
  });

  it('is of OpenAPI 3.1, and of the version that serves it', () => {
    expect(described).toMatchObject({ openapi: '3.1.0', info: { title: 'Portfleet', version: '1.2.3' } });
  });

  it('has limits as tight as the server, which refuses what they leave out', () => {
    const parameters = Object.values(described.paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ parameters: all }) => all ?? []),
    );
    const limits = parameters.filter(({ name }) => name === 'limit');
    expect(limits.length).toBeGreaterThan(1);
    for (const { schema, description } of limits) {
      const most = Number(/to (\d+)\.$/.exec(description)?.[1]);
      const pattern = new RegExp(schema.pattern ?? 'none');
      for (let number = 0; number <= 2 * most; number++) {
        expect(pattern.test(`${number}`), `${number} of ${most}`).toBe(number >= 1 && number <= most);
      }
      for (const odd of ['', '01', '-1', '1.0', '1e1', ' 1']) expect(pattern.test(odd)).toBe(false);
    }
    const empty = parameters.filter(({ name }) => ['timeZone', 'Idempotency-Key'].includes(name));
    expect(empty.length).toBeGreaterThan(1);
    for (const { schema } of empty) expect(schema.minLength ?? schema.pattern).toBeTruthy();
  });

  it('says which routes need no credentials, and where the server is', () => {
    const open = Object.entries(described.paths).filter(([, methods]) =>
      Object.values(methods).some(({ security }) => security?.length === 0),
    );
    expect(open.map(([path]) => path).sort()).toEqual(['/health', '/openapi.json']);
    expect(openApi('1.2.3')['servers']).toHaveLength(1);
  });
});
