import type { Visitor } from '@parley/emulators';
import { NotSeen } from './script.js';
import type { Stage } from './stage.js';

/** A visitor of the website, who is the same one in every process. */
export function withYusuf(stage: Stage, scene: (stage: Stage, yusuf: Visitor) => Promise<void>) {
  return async (): Promise<void> => {
    const yusuf = stage.crisp.visitor({ nickname: 'Yusuf Demir', email: 'yusuf@client.example' });
    await scene(stage, yusuf);
  };
}

/** The conversation that Noor has had on WhatsApp, word for word, at the other provider. */
export async function chat({ script, transcript }: Stage, yusuf: Visitor): Promise<void> {
  script.act(() => yusuf.say('Hello'));
  await reached(script, yusuf, 1);
  script.act(() => yusuf.choose('hours'));
  await reached(script, yusuf, 2);
  transcript.finding('the same bot: only its config names another provider');
}

/** What is told while the socket is cut, is told to nobody: the provider repeats nothing. */
export async function cutTheSocket(stage: Stage, yusuf: Visitor): Promise<void> {
  const { crisp, script, transcript } = stage;
  const before = await script.once(() => yusuf.received.length);
  script.act(() => {
    transcript.remark('  (the socket is cut)');
    crisp.rtm.drop();
    yusuf.say('help');
  });
  script.act(() => yusuf.say('Do you sell bicycles?'));
  await reached(script, yusuf, before + 2);
  await stage.untilQuiet();
  const answers = yusuf.received.slice(before).map(({ content }) => (content as { text: string }).text);
  const expected = ['This is what I can do.', 'Sorry, I did not understand that.'];
  if (JSON.stringify(answers) !== JSON.stringify(expected))
    throw new NotSeen(`not as it should be: Yusuf has got ${JSON.stringify(answers)}`);
  transcript.finding('2 messages that nobody told the bot, 2 answers: it has read what it had missed');
}

async function reached(script: Stage['script'], { received }: Visitor, count: number): Promise<void> {
  await script.seen(`message ${count} in the chat box`, () => received.length >= count);
}
