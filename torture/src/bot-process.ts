// One process of the bot: started by processes.ts, served on a port of its own, killed at any moment.
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Web1on1Adapter } from '@parley/adapter-web1on1';
import { web1on1 } from '@parley/adapter-web1on1';
import type { AdapterDefinition } from '@parley/core';
import { createBot, silentLog, stderrLog } from '@parley/core';
import { serve } from '@parley/server';
import { openEngine } from './engine.js';
import { type Counters, handleMessage } from './handler.js';
import type { Asked, BotSetup, Death, FromBot, Moment, SessionReport } from './protocol.js';
import { type Manner, nameOf, readReminder, readReply, readText, toReminderText } from './words.js';

const tell = (message: FromBot): void => {
  process.send?.(message);
};

/** The provider may be out of order for some seconds, and what is under way then takes its time. */
const DRAIN_MS = 30_000;

let death: Death | undefined;

function reach(moment: Moment, manner?: Manner): void {
  if (death?.at === moment && (death.manner === undefined || death.manner === manner)) die(death.loops);
  tell(manner === undefined ? { kind: 'reached', moment } : { kind: 'reached', moment, manner });
}

function die(loops: number): void {
  if (loops === 0) process.kill(process.pid, 'SIGKILL');
  else setImmediate(() => die(loops - 1));
}

/** Tells the parent which message is in this process's hands. */
function watchSends(definition: AdapterDefinition<Web1on1Adapter>): AdapterDefinition<Web1on1Adapter> {
  const touch = (kind: 'send' | 'lookUp', text: string): void => {
    const name = readReply(text)?.name ?? readReminder(text);
    if (name !== undefined) tell({ kind: 'touched', by: kind, name });
    if (kind === 'send') reach('send');
  };
  return {
    provider: definition.provider,
    open: (context) => {
      const adapter = definition.open(context);
      const { send, find } = adapter.messages;
      const watched: Web1on1Adapter['messages'] = {
        ...adapter.messages,
        send: async (request, options) => {
          if (request.content.kind === 'text') touch('send', request.content.text);
          const sent = await send(request, options);
          reach('sent');
          return sent;
        },
        find: (request, since, options) => {
          if (request.content.kind === 'text') touch('lookUp', request.content.text);
          return find(request, since, options);
        },
      };
      return { ...adapter, messages: watched };
    },
  };
}

async function run(setup: BotSetup): Promise<void> {
  const { origin, token, secret, rate } = setup.provider;
  const bot = createBot({
    accounts: {
      leads: watchSends(web1on1({ origin, token, secret, rate: { requests: rate, perMs: 1000 } })),
    },
    engine: await openEngine(setup.engine),
    session: { initial: (): Counters => ({ count: 0, outside: 0 }) },
    log: setup.verbose ? stderrLog : silentLog,
  });
  bot.on('message.received', async (turn) => {
    const written = readText(turn.text);
    tell({ kind: 'touched', by: 'turn', name: nameOf(written) });
    reach('turn', written.manner);
    tell({ kind: 'handling', begun: true });
    try {
      await handleMessage(turn, written, (name, ticket) => tell({ kind: 'ticket', name, ticket }));
    } finally {
      tell({ kind: 'handling', begun: false });
    }
    reach('handled', written.manner);
  });
  bot.on('timer.fired', (turn) => turn.say(toReminderText(turn.event.timer.name)));
  bot.onError(() => {});
  bot.onNotice('effect.unknown', ({ error }) => tell({ kind: 'unknown', why: error.message }));
  bot.onNotice('effect.failed', ({ error }) => tell({ kind: 'failed', why: error.message }));

  const answer = async (asked: Asked): Promise<unknown> => {
    switch (asked.question) {
      case 'stats':
        return bot.stats();
      case 'deadLetters':
        return (await bot.deadLetters.list()).map(
          ({ kind, error }) => `${kind}: ${error.code} ${error.message}`,
        );
      case 'sessions': {
        const sessions: SessionReport[] = [];
        for (const id of asked.conversationIds) sessions.push((await bot.session(id)) ?? null);
        return sessions;
      }
      case 'die':
        death = asked;
        return undefined;
      case 'count outside':
        return bot.updateSession(asked.conversationId, (session) => {
          session.outside += 1;
        });
    }
  };
  process.on('message', (asked: Asked) => {
    answer(asked).then(
      (value) => tell({ kind: 'answer', id: asked.id, value }),
      (error: unknown) => tell({ kind: 'answer', id: asked.id, error: String(error) }),
    );
  });

  const server = await serve(bot, { port: setup.port, signals: true, drainTimeoutMs: DRAIN_MS });
  tell({ kind: 'serves', origin: server.origin });
}

// The answer is with the operating system.
subscribe('http.server.response.finish', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  if (request.method === 'POST' && response.statusCode === 200) reach('acknowledged');
});

// Nobody is left to serve.
process.on('disconnect', () => process.exit(1));
process.once('message', (setup: BotSetup) => {
  run(setup).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
