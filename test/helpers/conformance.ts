import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the body says, for a test that knows its shape. */
  json<Value = Record<string, unknown>>(): Value;
  /** The codes of a problem. */
  codes(): string[];
}

/** As much of an OpenAPI document as these tests look at. */
export interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly enum?: readonly string[] }>> };
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

/** A parameter of a query, a path or a header. */
export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly schema: { readonly pattern?: string; readonly minLength?: number };
}

type Content = Readonly<Record<string, { readonly schema: object }>>;

const escaped = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * Holds each answer to what the description of the API says: status, media type, the shape of the body, and the codes of
 * a problem. The check is made by a validator of JSON Schema from the published document, not by the server's schemas.
 */
export function conformance(described: Described): (method: string, path: string, answer: HttpAnswer) => void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(described, 'api');
  const validators = new Map<string, ValidateFunction>();
  return (method, path, answer) => {
    const bare = path.replace(/\?.*/, '');
    const pattern = Object.keys(described.paths).find((each) =>
      new RegExp(`^${each.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(bare),
    );
    const operation = pattern && described.paths[pattern]?.[method.toLowerCase()];
    if (!pattern || !operation)
      return expect([404, 405], `${method} ${path} is not described`).toContain(answer.status);
    const what = `${method} ${path}: ${answer.status}`;
    const response = operation.responses[`${answer.status}`];
    expect(response, `${what} is not described`).toBeDefined();
    const type = (answer.headers.get('content-type') ?? '').replace(/;.*/, '');
    if (!response?.content) return expect(answer.text, what).toBe('');
    expect(Object.keys(response.content), what).toContain(type);
    if (!type.endsWith('json') || type === 'application/x-ndjson') return;
    const pointer = [
      'paths',
      pattern,
      method.toLowerCase(),
      'responses',
      `${answer.status}`,
      'content',
      type,
      'schema',
    ];
    if (JSON.stringify(response.content[type]?.schema) === '{"type":"string"}') return;
    const $ref = `api#/${pointer.map(escaped).join('/')}`;
    const validate = validators.get($ref) ?? ajv.compile({ $ref });
    validators.set($ref, validate);
    expect(validate(JSON.parse(answer.text)), `${what}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    if (answer.status < 400) return;
    for (const code of answer.codes()) expect(response.description, `${what} ${code}`).toContain(`\`${code}\``);
  };
}
