import type { BenchOptions } from './benchmarks.js';
import { receiveAll, startCountingBot } from './bots.js';
import { liveHeapBytes, scaled } from './measure.js';
import type { Measured } from './result.js';
import { judged } from './result.js';
import { objectId, signedWebhook } from './webhooks.js';

const BATCH = 500;

/**
 * What stays on the heap of a conversation that had one event and is silent since, against the bare least: its session's JSON
 * in a Map. A second event in each then tells how much of it is the mark that recognises a redelivery.
 */
export async function idleMemory({ effort }: BenchOptions): Promise<Measured[]> {
  const conversations = scaled(20_000, effort, 20);
  await using counting = await startCountingBot();
  const oneEventEach = async (first: number, count: number): Promise<void> => {
    for (let done = 0; done < count; done += BATCH) {
      const size = Math.min(BATCH, count - done);
      const calls = Array.from({ length: size }, (_, index) => signedWebhook(first + done + index));
      await receiveAll(counting, calls);
    }
  };
  // So that compiled code and grown buffers are not taken for conversations.
  await oneEventEach(1_000_000, scaled(5000, effort, 10));
  const before = liveHeapBytes();
  await oneEventEach(0, conversations);
  const after = liveHeapBytes();
  await oneEventEach(0, conversations);
  const later = liveHeapBytes();

  const ours = (after - before) / conversations;
  const mark = (later - after) / conversations;
  const floor = bareBytes(conversations);
  const note = `without the mark of its event, which is gone after 25 to 50 hours: ${Math.round(ours - mark)}`;
  return [
    judged({ name: 'idle conversation', unit: 'bytes of heap', floor, ours, note }, 'ours <= budget', 1024),
  ];
}

/** Bytes of a conversation's id and its session as text, in a Map. */
function bareBytes(conversations: number): number {
  const before = liveHeapBytes();
  const sessions = new Map<string, string>();
  for (let index = 0; index < conversations; index += 1) {
    sessions.set(objectId('64d2', index), JSON.stringify({ step: 'greeted', messages: index }));
  }
  const bytes = (liveHeapBytes() - before) / conversations;
  if (sessions.size !== conversations) throw new Error('a session is missing');
  return bytes;
}
