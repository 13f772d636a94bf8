import type { Adapter, AdapterDefinition, Bot, MessagePort } from '@parley/core';

/** Any bot whose accounts can all say something, whatever their providers: what a bot file asks for. */
export type TalkingBot = Bot<Record<string, AdapterDefinition<Adapter & { readonly messages: MessagePort }>>>;
