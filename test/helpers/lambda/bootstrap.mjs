// What Lambda's own runtime does, in a process of its own: asks the Runtime API for an event, hands it to the handler,
// and posts what came of it. Arguments: the module, and the name of its handler.
import { pathToFileURL } from 'node:url';

const [, , file, name] = process.argv;
const api = `http://${process.env['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime`;
const post = (path, value) => fetch(`${api}${path}`, { method: 'POST', body: JSON.stringify(value ?? null) });
const errorOf = (error) => ({ errorType: error?.name ?? 'Error', errorMessage: String(error?.message ?? error) });

const handler = await import(pathToFileURL(file).href).then(
  (module) => module[name],
  async (error) => {
    await post('/init/error', errorOf(error));
    process.exit(1);
  },
);

for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const event = await next.json();
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const end = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => Math.max(0, end - Date.now()) };
  try {
    await post(`/invocation/${id}/response`, await handler(event, context));
  } catch (error) {
    await post(`/invocation/${id}/error`, errorOf(error));
  }
}
