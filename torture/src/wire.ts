import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A process's way to the database, which can be cut. */
export class Wire {
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #sockets = new Set<Socket>();
  #cut: 'refused' | 'silent' | undefined;
  /** The database's address through the wire. */
  readonly address: string;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = { host: target.hostname, port: Number(target.port === '' ? 5432 : target.port) };
    const through = new URL(target);
    through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.address = through.href;
    server.on('connection', (socket) => this.#join(socket));
  }

  static async open(address: string): Promise<Wire> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Wire(server, new URL(address));
  }

  /** `refused`: what is open breaks and nothing new opens. `silent`: everything stays open, and nothing comes through. */
  cut(how: 'refused' | 'silent'): void {
    this.#cut = how;
    for (const socket of this.#sockets) {
      if (how === 'refused') socket.destroy();
      else socket.pause();
    }
  }

  /** What was open before is broken by now. */
  mend(): void {
    this.#cut = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #join(socket: Socket): void {
    if (this.#cut === 'refused') {
      socket.destroy();
      return;
    }
    const other = connect(this.#target);
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
      if (this.#cut === 'silent') from.pause();
    }
  }
}
