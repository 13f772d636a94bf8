/** Reads a campaign's results, and tells of them: `results-process.ts <base>`. Prints how many people and events there were. */
import { standaloneAccount } from '@parley/adapter-kit';
import { chatinc } from '../src/index.js';

const [baseUrl = ''] = process.argv.slice(2);
let stored: string | undefined;
const checkpoint = {
  read: () => Promise.resolve(stored),
  write: (text: string) => {
    stored = text;
    return Promise.resolve();
  },
};
const poll = { listMs: 1, approvalMs: 1, approvalMaxMs: 1, detailsMinMs: 0 };
const account = { ...standaloneAccount('promo'), checkpoint };
const { campaigns, feed, close } = chatinc({ apiKey: 'ck_test', baseUrl, poll }).open(account);

const draft = { key: 'many', title: 'Many', template: { body: 'Hello.', language: 'en' }, example: {} };
let people = 0;
for await (const { status } of campaigns.results(draft, 'promo:c_1')) if (status === 'sent') people += 1;

const events: Record<string, number> = {};
const stop = new AbortController();
for await (const batch of feed.events(stop.signal)) {
  for (const { name } of batch) events[name] = (events[name] ?? 0) + 1;
  if (events['message.delivered'] === people) stop.abort();
}
await close();
process.stdout.write(JSON.stringify({ people, events }));
