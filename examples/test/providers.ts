import { crisp } from '@parley/adapter-crisp';
import { web1on1 } from '@parley/adapter-web1on1';
import {
  type Bed,
  type BotClient,
  type BotUnderTest,
  type CrispBedOptions,
  crispBed,
  web1on1Bed,
} from '@parley/testing';

/** A human at work at the provider, in one conversation. */
export interface Colleague {
  takes(): void;
  says(text: string): void;
  closes(): void;
}

export interface Person extends BotClient {
  /** As the provider calls it. */
  readonly conversation: string;
  colleague(name: string): Promise<Colleague>;
}

/** A bot at an emulated provider, with people who talk to it. */
export interface Place<B extends BotUnderTest> extends Pick<Bed<B, unknown>, 'bot' | 'close'> {
  person(name: string, channel?: string): Promise<Person>;
}

/** What one provider has for a bot: its adapter, and for whoever reads a config file, what that expects in the environment. */
export interface Wares {
  adapter: ReturnType<typeof web1on1> | ReturnType<typeof crisp>;
  env: Record<string, string>;
}

export interface Provider {
  name: string;
  /** In `examples/`. */
  config: string;
  open<B extends BotUnderTest>(makeBot: (wares: Wares) => B | Promise<B>): Promise<Place<B>>;
}

/** What an example must not notice the difference of. */
export const WEB1ON1: Provider = { name: 'Web1on1', config: 'parley.config.yaml', open: openWeb1on1 };
export const CRISP_BY_SOCKET = crispBy('socket');
export const CRISP_BY_HOOK = crispBy('hook');

async function openWeb1on1<B extends BotUnderTest>(
  makeBot: (wares: Wares) => B | Promise<B>,
): Promise<Place<B>> {
  const bed = await web1on1Bed((account) => {
    const { token, secret, origin } = account;
    const env = { WEB1ON1_TOKEN: token, WEB1ON1_SECRET: secret, WEB1ON1_ORIGIN: origin };
    return makeBot({ adapter: web1on1(account), env });
  });
  const { emulator } = bed;
  return {
    ...bed,
    async person(name, channel = 'whatsapp') {
      const telephone = phoneOf(name);
      const client = await bed.client(telephone, { name, channel });
      const { conversationId: conversation } = await emulator.contact({ telephone, channel });
      const colleague = async (called: string): Promise<Colleague> => {
        const agent = await emulator.agent({ name: called });
        return {
          takes: () => void agent.accept(conversation),
          says: (text) => void agent.say(conversation, text),
          closes: () => void agent.leave(conversation),
        };
      };
      return Object.assign(client, { conversation, colleague });
    },
  };
}

function crispBy(hears: NonNullable<CrispBedOptions['hears']>): Provider {
  const open = async <B extends BotUnderTest>(
    makeBot: (wares: Wares) => B | Promise<B>,
  ): Promise<Place<B>> => {
    const bed = await crispBed(
      (account) => {
        const { identifier, key, website, origin, secret } = account;
        const env = {
          CRISP_IDENTIFIER: identifier,
          CRISP_KEY: key,
          CRISP_WEBSITE: website,
          CRISP_ORIGIN: origin,
          ...(secret !== undefined && { CRISP_HOOK_SECRET: secret }),
        };
        return makeBot({ adapter: crisp(account), env });
      },
      { hears },
    );
    const { emulator } = bed;
    return {
      ...bed,
      async person(name, channel = 'web') {
        const email = `${name.replace(' ', '.').toLowerCase()}@client.test`;
        const origin = channel === 'web' ? 'chat' : `urn:crisp.im:${channel}:0`;
        const client = await bed.client(email, { name, origin });
        const { sessionId: conversation } = emulator.visitor({ email });
        const colleague = async (called: string): Promise<Colleague> => {
          const operator = emulator.operator({ name: called });
          return {
            takes: () => operator.take(conversation),
            says: (text) => void operator.say(conversation, text),
            closes: () => operator.setState(conversation, 'resolved'),
          };
        };
        return Object.assign(client, { conversation, colleague });
      },
    };
  };
  return { name: `Crisp by ${hears}`, config: 'parley.config.crisp.yaml', open };
}

/** The same for the same name. */
function phoneOf(name: string): string {
  const digits = Array.from(name).reduce(
    (sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_000,
    7,
  );
  return `+316555${String(digits).padStart(6, '0')}`;
}
