import type { ServerResponse } from 'node:http';
import type { Log } from '../../shared/seams/log.ts';

/**
 * The answer, whose body breaks the connection off when it fails halfway: the client must not take half a document for a
 * whole one. Left to itself, the server would write the error's message behind what was sent, and close in order.
 */
export function breakingOff(response: Response, outgoing: Pick<ServerResponse, 'destroy'>, log: Log): Response {
  const { body } = response;
  if (!body) return response;
  const reader = body.getReader();
  const guarded = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          log.warn('answer-broken-off', { error: error instanceof Error ? error.message : String(error) });
          outgoing.destroy();
          controller.close();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(guarded, response);
}
