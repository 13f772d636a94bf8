import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A wire between an engine and its database, that a test can cut: the engine's end and the server's end both notice. */
export interface Link {
  /** The database's address, over this wire. */
  readonly url: string;
  /** Breaks what is open and refuses what comes, until `mend`. */
  cut(): void;
  mend(): void;
  /** Takes in everything and passes nothing on, both ways, until `mend`: the other side seems to be thinking. */
  stall(): void;
  /** Swallows what the server says next, and breaks the connection on which it said it. */
  loseAnswer(): void;
  close(): Promise<void>;
}

export async function link(database: string): Promise<Link> {
  const target = new URL(database);
  const open = new Set<Socket>();
  let losing = false;
  let state: 'whole' | 'cut' | 'stalled' = 'whole';
  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.on('data', (chunk) => {
        if (one === far && losing) {
          losing = false;
          near.destroy();
        } else other.write(chunk);
      });
      if (state === 'stalled') one.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the link has no port');
  const url = new URL(database);
  url.host = `127.0.0.1:${address.port}`;
  const breakAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: url.href,
    cut() {
      state = 'cut';
      breakAll();
    },
    mend() {
      state = 'whole';
      for (const socket of open) socket.resume();
    },
    stall() {
      state = 'stalled';
      for (const socket of open) socket.pause();
    },
    loseAnswer() {
      losing = true;
    },
    async close() {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
