// What Lambda does for a function whose answers are streamed from a URL, in a process of its own. Argument: its module.
// Prints the port that it listens on.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

globalThis.awslambda = {
  streamifyResponse: (handler) => handler,
  HttpResponseStream: {
    from: (answer, { statusCode, headers }) => answer.writeHead(statusCode, headers),
  },
};

const { handler } = await import(pathToFileURL(process.argv[2] ?? '').href);
const authorizer = { iam: { userArn: 'arn:aws:iam::111122223333:user/alice' } };

const server = createServer(async ({ url = '', method, headers }, answer) => {
  const [rawPath, rawQueryString = ''] = url.split('?');
  const requestContext = { domainName: headers.host, http: { method }, authorizer };
  try {
    await handler({ rawPath, rawQueryString, headers, requestContext }, answer, { awsRequestId: 'invocation-1' });
  } catch {
    answer.destroy();
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
