import { allRoutes, EVENTS } from '../src/index.js';

// The tables of docs/providers/crisp.md, made of the adapter's own.

/** Lines of the table of routes. */
export function routeLines(): string[] {
  return allRoutes().map(({ name, verb, path, query, body, answer, wrapper, tiers }) => {
    const asked = query.length === 0 ? '' : ` ?${query.join(' ')}`;
    const sent = body === '' ? '' : ` ${body}`;
    const called = wrapper === '-' ? '–' : `\`${wrapper}\``;
    const cells = [
      `\`${name}\``,
      `\`${verb} ${path}${asked}${sent}\``,
      `\`${answer}\``,
      tiers === '?' ? '–' : tiers,
      called,
    ];
    return `| ${cells.join(' | ').replaceAll(/(?<=\S)\|(?=\S)/g, '\\|')} |`;
  });
}

/** Lines of the table of events. */
export function eventLines(): string[] {
  return Object.entries(EVENTS).map(([name, line]) => {
    const [said = '', neutral = ''] = line.split(' -> ');
    const ours = neutral.split('|').map((one) => `\`${one === 'provider' ? 'provider.event' : one}\``);
    return `| \`${name}\` | ${said.slice(0, 1)} | ${ours.join(', ')} |`;
  });
}
