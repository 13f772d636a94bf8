import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from 'fp-ts/lib/Either.js';
import { type Dispatcher, errors } from 'undici';
import type { Abortable } from './abort.js';
import { joinSignal, leaveSignal } from './abort.js';
import type { HttpHeaders } from './http-client.js';

/** A whole answer, not yet parsed. */
export interface RawAnswer {
  status: number;
  headers: HttpHeaders;
  bytes: Buffer;
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
  /** How long the body may take after the headers, however lively it drips. */
  bodyMs: number;
}

/**
 * One request and its answer, over `dispatch`: what `Pool.request` is made of, without the stream in between, and with the one
 * fact that `request` keeps to itself: whether the request had begun to leave.
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  limits: ExchangeLimits,
  signal: AbortSignal | undefined,
): Promise<Either<Broken, RawAnswer>> {
  return new Promise((resolve) => {
    const handler = new Exchange(resolve, options.method, limits, signal);
    dispatcher.dispatch(options, handler);
  });
}

/** A class because undici calls a handler's methods, and one of these is made per request. */
class Exchange implements Dispatcher.DispatchHandler, Abortable {
  private readonly resolve: (result: Either<Broken, RawAnswer>) => void;
  private readonly method: string;
  private readonly limits: ExchangeLimits;
  private readonly signal: AbortSignal | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private why: Broken['why'] = 'failed';
  private sent = false;
  private settled = false;
  private status = 0;
  private headers: HttpHeaders = {};
  private chunks: Buffer[] = [];
  private size = 0;
  private headersAt = 0;

  constructor(
    resolve: (result: Either<Broken, RawAnswer>) => void,
    method: string,
    limits: ExchangeLimits,
    signal: AbortSignal | undefined,
  ) {
    this.resolve = resolve;
    this.method = method;
    this.limits = limits;
    this.signal = signal;
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

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > this.limits.maxAnswerBytes) {
      this.refuseSize();
      return;
    }
    this.chunks.push(chunk);
    if (Date.now() - this.headersAt > this.limits.bodyMs) {
      this.give('failed', new errors.BodyTimeoutError());
    }
  }

  onResponseEnd(): void {
    const [only] = this.chunks;
    const bytes =
      this.chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.chunks, this.size);
    this.settle(right({ status: this.status, headers: this.headers, bytes }));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.settle(left(this.broken(error)));
  }

  private refuseSize(): void {
    this.give('oversized', new Error(`the answer is larger than ${this.limits.maxAnswerBytes} bytes`));
  }

  /** Settles first: the caller does not wait for undici to tear down a socket, or to reach this request in its queue. */
  private give(why: Broken['why'], error: Error): void {
    this.why = why;
    this.settle(left(this.broken(error)));
    this.controller?.abort(error);
  }

  private broken(error: Error): Broken {
    const answer = this.status === 0 ? undefined : { status: this.status, headers: this.headers };
    return { sent: this.sent, answer, why: this.why, error };
  }

  private settle(result: Either<Broken, RawAnswer>): void {
    if (this.settled) return;
    this.settled = true;
    if (this.signal !== undefined) leaveSignal(this.signal, this);
    this.resolve(result);
  }
}
