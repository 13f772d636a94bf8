import type { Readable } from 'node:stream';
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from 'fp-ts/lib/Either.js';
import type { Dispatcher } from 'undici';
import type { Abortable } from './abort.js';
import { joinSignal, leaveSignal } from './abort.js';
import { type Flow, openFlow } from './flow.js';
import type { HttpHeaders } from './http-client.js';

/** A whole answer, not yet parsed; or the begin of one, whose rest is still coming. */
export interface RawAnswer {
  status: number;
  headers: HttpHeaders;
  bytes: Buffer | Readable;
}

/** An exchange that did not end with a whole answer. */
export interface Broken {
  /** False: certainly not one byte of the request left. */
  sent: boolean;
  /** Status and headers, if the answer got so far. */
  answer: { status: number; headers: HttpHeaders } | undefined;
  why: 'aborted' | 'oversized' | 'failed';
  error: Error;
}

export interface ExchangeLimits {
  maxAnswerBytes: number;
  /** How long the body may take after the headers, however lively it drips; without the time in which nobody reads on. */
  bodyMs: number;
}

/** Makes an error of what broke a body that was handed over already. */
export type Explain = (broken: Broken) => Error;

/** A body up to this size is handed over when it is whole, even to who would read it as it comes. */
const HELD_BYTES = 16 * 1024;

/**
 * One request and its answer, over `dispatch`: what `Pool.request` is made of, without the stream in between, and with the one
 * fact that `request` keeps to itself: whether the request had begun to leave.
 *
 * @param explain given: a 2xx answer of some length is handed over as it comes, within the same limits
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  limits: ExchangeLimits,
  signal: AbortSignal | undefined,
  explain?: Explain,
): Promise<Either<Broken, RawAnswer>> {
  return new Promise((resolve) => {
    const handler = new Exchange(resolve, options.method, limits, signal, explain);
    dispatcher.dispatch(options, handler);
  });
}

/** As undici's own, which knows only how long nothing came. */
function bodyTimeout(): Error {
  return Object.assign(new Error('Body Timeout Error'), { code: 'UND_ERR_BODY_TIMEOUT' });
}

/** A class because undici calls a handler's methods, and one of these is made per request. */
class Exchange implements Dispatcher.DispatchHandler, Abortable {
  private readonly resolve: (result: Either<Broken, RawAnswer>) => void;
  private readonly method: string;
  private readonly limits: ExchangeLimits;
  private readonly signal: AbortSignal | undefined;
  private readonly explain: Explain | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private why: Broken['why'] = 'failed';
  private sent = false;
  private settled = false;
  private status = 0;
  private headers: HttpHeaders = {};
  private chunks: Buffer[] = [];
  private size = 0;
  private headersAt = 0;
  private flow: Flow | undefined;

  constructor(
    resolve: (result: Either<Broken, RawAnswer>) => void,
    method: string,
    limits: ExchangeLimits,
    signal: AbortSignal | undefined,
    explain: Explain | undefined,
  ) {
    this.resolve = resolve;
    this.method = method;
    this.limits = limits;
    this.signal = signal;
    this.explain = explain;
    if (signal !== undefined) joinSignal(signal, this);
  }

  abort(): void {
    this.give('aborted', new Error('the signal of the caller fired'));
  }

  /** Called with a connected socket, right before the first byte is written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) {
      controller.abort(new Error('given up before it was sent'));
      return;
    }
    this.controller = controller;
    this.sent = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HttpHeaders): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    this.headersAt = Date.now();
    const length = Number(headers['content-length']);
    if (length > this.limits.maxAnswerBytes && this.method !== 'HEAD') this.refuseSize();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > this.limits.maxAnswerBytes) {
      this.refuseSize();
      return;
    }
    if (this.flow === undefined) this.chunks.push(chunk);
    else this.flow.push(chunk);
    if (this.flow === undefined && this.mayFlow()) this.beginFlow(controller);
    const tookMs = Date.now() - this.headersAt - (this.flow?.idleMs() ?? 0);
    if (tookMs > this.limits.bodyMs) this.give('failed', bodyTimeout());
  }

  onResponseEnd(): void {
    if (this.flow === undefined) this.hand(this.takeChunks());
    else this.flow.end();
    this.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.fail(error);
  }

  private mayFlow(): boolean {
    return this.explain !== undefined && this.status < 300 && this.size > HELD_BYTES;
  }

  private beginFlow(controller: Dispatcher.DispatchController): void {
    this.flow = openFlow(controller, () => {
      this.end();
      controller.abort(new Error('nobody reads on'));
    });
    this.flow.push(this.takeChunks());
    this.hand(this.flow.body);
  }

  private takeChunks(): Buffer {
    const { chunks } = this;
    this.chunks = [];
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  }

  private hand(bytes: RawAnswer['bytes']): void {
    this.resolve(right({ status: this.status, headers: this.headers, bytes }));
  }

  private refuseSize(): void {
    this.give('oversized', new Error(`the answer is larger than ${this.limits.maxAnswerBytes} bytes`));
  }

  /** Settles first: the caller does not wait for undici to tear down a socket, or to reach this request in its queue. */
  private give(why: Broken['why'], error: Error): void {
    this.why = why;
    this.fail(error);
    this.controller?.abort(error);
  }

  private fail(error: Error): void {
    if (this.settled) return;
    this.end();
    const answer = this.status === 0 ? undefined : { status: this.status, headers: this.headers };
    const broken: Broken = { sent: this.sent, answer, why: this.why, error };
    if (this.flow === undefined) this.resolve(left(broken));
    else this.flow.break(this.explain?.(broken) ?? error);
  }

  /** Nothing that happens from now on is told. */
  private end(): void {
    if (this.settled) return;
    this.settled = true;
    if (this.signal !== undefined) leaveSignal(this.signal, this);
  }
}
