/** Addresses a campaign to many people: `address-process.ts <base> <how many>`. Prints the peak of its memory, in MB. */
import { standaloneAccount } from '@parley/adapter-kit';
import type { Addressee } from '@parley/core';
import { chatinc } from '../src/index.js';

const [baseUrl = '', count = ''] = process.argv.slice(2);

async function* people(): AsyncGenerator<Addressee, void, undefined> {
  for (let each = 0; each < Number(count); each += 1) {
    const value = `+${447_000_000_000 + each}`;
    yield {
      to: { channel: 'whatsapp', value },
      values: { 'order.first_name': `Amara, ${each}`, 'order.order_no': `B-${each}` },
    };
  }
}

const adapter = chatinc({ apiKey: 'ck_test', baseUrl }).open(standaloneAccount('promo'));
await adapter.campaigns.address(
  {
    key: 'million',
    title: 'Many',
    template: { body: 'Hello {order.first_name}, about {order.order_no}.', language: 'en' },
    example: {},
  },
  people(),
);
await adapter.close();
process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1_024)));
