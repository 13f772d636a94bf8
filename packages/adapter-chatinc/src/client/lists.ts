import type { Decoder } from '@parley/adapter-kit';
import type { CallOptions } from '@parley/core';
import { type ListForm, readList } from '../wire/unwrap.js';
import type { RouteName } from './routes.js';
import type { Sending, Transport } from './transport.js';

/** Asks for a list. What cannot be read of it is left out and told to the log. */
export async function retrieve<A>(
  transport: Transport,
  route: RouteName,
  sending: Sending,
  [form, codec]: readonly [ListForm, Decoder<A>],
  call: CallOptions | undefined,
): Promise<A[]> {
  const body = await transport.send(route, sending, call);
  const { items, rejected } = readList(body, form, codec, route);
  transport.warnAll(route, rejected);
  return items;
}
