import { loadConfig } from '@parley/config';
import { createBot } from '@parley/core';
import { serve } from '@parley/server';
import { addGreeter } from './greet-and-help.js';

// A bot that names no provider and no database: those are in parley.config.yaml of the folder that it is started in, or in the
// file that it is told.
//
//   cd examples && WEB1ON1_TOKEN=... WEB1ON1_SECRET=... WEB1ON1_ORIGIN=... node dist/configured.js
//   cd examples && CRISP_IDENTIFIER=... CRISP_KEY=... CRISP_WEBSITE=... CRISP_ORIGIN=... node dist/configured.js parley.config.crisp.yaml
const [file] = process.argv.slice(2);
const bot = createBot(await loadConfig({ ...(file !== undefined && { file }) }));
addGreeter(bot);

const server = await serve(bot, { port: Number(process.env.PORT ?? 3000), signals: true });
for (const name of Object.keys(bot.accounts)) console.log(`webhooks go to ${server.origin}/webhooks/${name}`);
