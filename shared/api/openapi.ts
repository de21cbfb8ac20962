import * as z from 'zod/mini';
import { ERRORS, type ErrorCode } from '../domain/errors.ts';
import { PROBLEM_TYPE, problemSchema } from './problem.ts';
import type { Route, RouteAnswer } from './route.ts';
import { ROUTES } from './routes.ts';

/** JSON, as far as this module writes it. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

/** What may go wrong with any request. */
const ANYWHERE: readonly ErrorCode[] = [
  'TOKEN_WRONG',
  'REQUEST_FOREIGN',
  'STORE_UNAVAILABLE',
  'STORE_FULL',
  'STORE_TOO_NEW',
  'UNEXPECTED',
];

/** The description of the API in OpenAPI 3.1, made from the routes and the schemas that the server itself uses. */
export function openApi(version: string): JsonObject {
  const schemas = new Map<string, Json>();
  const describe = schemaWriter(schemas);
  const paths: Record<string, Record<string, Json>> = {
    '/openapi.json': { get: describeItself() },
  };
  for (const route of ROUTES) {
    const methods = paths[route.path] ?? {};
    methods[route.method.toLowerCase()] = operation(route, describe);
    paths[route.path] = methods;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Portfleet', version, description: DESCRIPTION },
    servers: [{ url: '/', description: 'Where this description came from.' }],
    paths,
    components: { schemas: Object.fromEntries(schemas), securitySchemes: SECURITY_SCHEMES },
    security: [{ sigv4: [] }, { token: [] }],
  };
}

const DESCRIPTION =
  'Finds the open ports of the hosts you are allowed to scan. Errors are problems after RFC 9457; each tells all errors of the request at once, with the place and the hint of each.';

const SECURITY_SCHEMES: Json = {
  sigv4: {
    type: 'apiKey',
    name: 'Authorization',
    in: 'header',
    'x-amazon-apigateway-authtype': 'awsSigv4',
    description: 'AWS Signature Version 4, against a deployment.',
  },
  token: { type: 'http', scheme: 'bearer', description: 'The token of "portfleet serve", on one machine.' },
};

type Describe = (schema: z.ZodMiniType) => Json;

/** Writes schemas with an id among the components, once, and a reference to them in their place. */
function schemaWriter(components: Map<string, Json>): Describe {
  return (schema) => {
    const { $schema, $defs, ...root } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    for (const [id, definition] of Object.entries($defs ?? {})) components.set(id, withReferences(definition as Json));
    return withReferences(root as Json);
  };
}

/** zod points at "#/$defs/Name", where it has gathered the schemas with an id; here they are components. */
function withReferences(value: Json): Json {
  if (Array.isArray(value)) return value.map(withReferences);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter((member) => !isNoise(member));
  return Object.fromEntries(
    members.map(([name, member]) => [
      name,
      name === '$ref' && typeof member === 'string'
        ? member.replace('#/$defs/', '#/components/schemas/')
        : withReferences(member),
    ]),
  );
}

/** zod repeats the id, which is the key already, and says of each integer that it is a safe one. */
const isNoise = ([name, member]: readonly [string, Json]): boolean =>
  (name === 'id' && typeof member === 'string') || Math.abs(Number(member)) === Number.MAX_SAFE_INTEGER;

function operation(route: Route, describe: Describe): Json {
  return {
    operationId: route.id,
    summary: route.summary,
    ...(route.isPublic && { security: [] }),
    parameters: parameters(route, describe),
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: describe(route.body) } } },
    }),
    responses: {
      ...Object.fromEntries(route.answers.map((each) => [`${each.status}`, answer(each, describe)])),
      ...problems([...route.errors, ...ANYWHERE], describe),
    },
  };
}

function parameters(route: Route, describe: Describe): Json {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: 'The whole id of a scan.',
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(route.query ?? {}).map(([name, { schema, takes, isRequired }]) => ({
    name,
    in: 'query',
    ...(isRequired && { required: true }),
    description: `${takes.charAt(0).toUpperCase()}${takes.slice(1)}.`,
    schema: describe(schema),
  }));
  const inHeaders = (route.headers ?? []).map(({ name, description, schema }) => ({
    name,
    in: 'header',
    description,
    schema: schema ? describe(schema) : { type: 'string' },
  }));
  return [...inPath, ...inQuery, ...inHeaders];
}

function answer({ description, schema, mediaTypes }: RouteAnswer, describe: Describe): Json {
  const types = (schema ? ['application/json'] : (mediaTypes ?? [])).map((type) => type.replace(/;.*/, ''));
  const shape = (type: string): Json =>
    schema ? describe(schema) : { type: /[/+]json$/.test(type) ? 'object' : 'string' };
  const content = Object.fromEntries(types.map((type) => [type, { schema: shape(type) }]));
  return { description, ...(types.length > 0 && { content }) };
}

/** One answer a status; its description lists the codes that come with it. */
function problems(codes: readonly ErrorCode[], describe: Describe): { readonly [status: string]: Json } {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code]);
  const content = { [PROBLEM_TYPE]: { schema: describe(problemSchema) } };
  return Object.fromEntries(
    [...byStatus].map(([status, listed]) => [
      `${status}`,
      { description: listed.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join(' '), content },
    ]),
  );
}

const describeItself = (): Json => ({
  operationId: 'getOpenApi',
  summary: 'This description.',
  security: [],
  responses: {
    '200': { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
  },
});
