// Loads a server from a process of its own. Imports nothing of this repository, so that it also runs as a source.
import autocannon from 'autocannon';

export interface LoadOrder {
  url: string;
  connections: number;
  /** Each is sent once; as many for every connection. */
  requests: { body: string; signature: string }[];
}

export interface LoadReport {
  /** Answered with 200. */
  accepted: number;
  /** From the first answer to the last. */
  seconds: number;
}

async function fire({ url, connections, requests }: LoadOrder): Promise<LoadReport> {
  const perConnection = requests.length / connections;
  let connected = 0;
  let first = 0;
  let last = 0;
  const running = autocannon({
    url,
    connections,
    amount: requests.length,
    setupClient: (client) => {
      const own = requests.slice(connected * perConnection, (connected + 1) * perConnection);
      connected += 1;
      client.setRequests(
        own.map(({ body, signature }) => ({
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-hub-signature': signature },
          body,
        })),
      );
      client.on('response', () => {
        last = performance.now();
        if (first === 0) first = last;
      });
    },
  });
  const result = await running;
  return { accepted: result['2xx'], seconds: (last - first) / 1000 };
}

let order: LoadOrder | undefined;

process.on('message', (message: { prepare: LoadOrder } | { fire: true }) => {
  if ('prepare' in message) {
    order = message.prepare;
    process.send?.({ prepared: true });
  } else if (order !== undefined) {
    void fire(order).then((report) => process.send?.(report));
  }
});
