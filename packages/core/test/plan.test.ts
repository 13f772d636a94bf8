import { describe, expect, test } from '@jest/globals';
import type { Choice, Content, ContentLimits } from '@parley/core';
import { plan, textOf } from '@parley/core';
import fc from 'fast-check';

const TEXT_ONLY: ContentLimits = { text: {} };
const EVERYTHING: ContentLimits = {
  text: { formats: ['markdown', 'html'] },
  media: { caption: true },
  location: {},
  choices: { types: ['reply', 'postback', 'link'] },
  carousel: { description: true },
  template: {},
  field: {},
};

const codesOf = (content: Content, limits: ContentLimits): string[] =>
  plan(content, limits).losses.map(({ code }) => code);
const wordsOf = (content: Content, limits: ContentLimits): (string | undefined)[] =>
  plan(content, limits).parts.map(textOf);

const words = fc
  .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
  .filter((text) => text.trim() !== '');
const choice: fc.Arbitrary<Choice> = fc.oneof(
  fc.record({ type: fc.constantFrom('reply' as const, 'postback' as const), label: words, value: words }),
  fc.record({ type: fc.constant('link' as const), label: words, url: fc.webUrl() }),
);
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: words }),
  fc.record({
    kind: fc.constant('media' as const),
    url: fc.webUrl(),
    mimeType: fc.constantFrom('image/png', 'application/pdf'),
    caption: words,
  }),
  fc.record({
    kind: fc.constant('choices' as const),
    text: words,
    choices: fc.array(choice, { maxLength: 6 }),
  }),
  fc.record({
    kind: fc.constant('carousel' as const),
    cards: fc.array(
      fc.record({ title: words, description: words, choices: fc.array(choice, { maxLength: 4 }) }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
);
const limits: fc.Arbitrary<ContentLimits> = fc.record(
  {
    text: fc.record({ maxLength: fc.integer({ min: 5, max: 60 }) }, { requiredKeys: [] }),
    media: fc.record(
      { caption: fc.boolean(), mimeTypes: fc.constantFrom(['image/*'], ['application/pdf']) },
      { requiredKeys: ['caption'] },
    ),
    choices: fc.record(
      {
        max: fc.integer({ min: 1, max: 5 }),
        labelMaxLength: fc.integer({ min: 1, max: 30 }),
        types: fc.subarray(['reply', 'postback', 'link'] as const),
      },
      { requiredKeys: ['types'] },
    ),
    carousel: fc.record(
      {
        maxCards: fc.integer({ min: 1, max: 4 }),
        maxChoices: fc.integer({ min: 0, max: 3 }),
        description: fc.boolean(),
      },
      { requiredKeys: ['description'] },
    ),
  },
  { requiredKeys: ['text'] },
);

/** Everything a person can read of a content, in order, without white space: splitting and listing may change that. */
function readable(parts: readonly Content[]): string {
  const choices = (list: readonly Choice[] = []): string =>
    list.map((one) => one.label + (one.type === 'link' ? one.url : '')).join('');
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'media':
          return (part.caption ?? '') + part.url;
        case 'choices':
          return part.text + choices(part.choices);
        case 'carousel':
          return (
            (part.text ?? '') +
            part.cards.map((card) => card.title + (card.description ?? '') + choices(card.choices)).join('')
          );
        default:
          return textOf(part) ?? '';
      }
    })
    .join('')
    .replace(/\s/g, '');
}

describe('plan', () => {
  test('leaves alone what the channel can show', () => {
    fc.assert(
      fc.property(content, (one) => {
        fc.pre(one.kind !== 'choices' || one.choices.length > 0);
        expect(plan(one, EVERYTHING)).toEqual({ parts: [one], losses: [], offers: [] });
      }),
    );
  });

  test('sends only what the channel takes, whatever comes in', () => {
    fc.assert(
      fc.property(content, limits, (one, within) => {
        for (const part of plan(one, within).parts) {
          expect(part.kind === 'text' || within[part.kind as 'media'] !== undefined).toBe(true);
          // Planning again changes nothing: what is planned fits.
          expect(plan(part, within)).toEqual({ parts: [part], losses: [], offers: [] });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('says every letter that a person should read, and reports what it had to change', () => {
    fc.assert(
      fc.property(content, limits, (one, within) => {
        const { parts, losses } = plan(one, within);
        const before = readable([one]);
        const after = readable(parts);
        for (const letter of before) expect(after).toContain(letter);
        if (JSON.stringify(parts) !== JSON.stringify([one]) && before !== after)
          expect(losses).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('splits long text at spaces, keeps every word, and never cuts a character in half', () => {
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 2, max: 50 }),
        (list, maxLength) => {
          const text = list.join(' ');
          const { parts } = plan({ kind: 'text', text }, { text: { maxLength } });
          const pieces = parts.map((part) => textOf(part) ?? '');
          for (const piece of pieces) {
            expect(piece.length).toBeLessThanOrEqual(maxLength);
            expect(piece.isWellFormed()).toBe(true);
          }
          expect(pieces.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        },
      ),
    );
    expect(wordsOf({ kind: 'text', text: 'one two three' }, { text: { maxLength: 8 } })).toEqual([
      'one two',
      'three',
    ]);
  });

  test('makes a numbered list of buttons that do not fit, and says which number presses what', () => {
    const menu: Content = {
      kind: 'choices',
      text: 'Food?',
      choices: [
        { type: 'reply', label: 'Pizza', value: 'P' },
        { type: 'link', label: 'Menu', url: 'https://example.com' },
        { type: 'postback', label: 'Salad', value: 'S' },
      ],
    };
    const two: ContentLimits = { text: {}, choices: { max: 2, types: ['reply', 'postback', 'link'] } };
    for (const channel of [TEXT_ONLY, two]) {
      expect(plan(menu, channel)).toMatchObject({
        parts: [{ kind: 'text', text: 'Food?\n1. Pizza\nMenu: https://example.com\n2. Salad' }],
        offers: [
          { label: 'Pizza', value: 'P' },
          { label: 'Salad', value: 'S' },
        ],
        losses: [{ code: 'numbered' }],
      });
    }
    const replies: ContentLimits = { text: {}, choices: { types: ['reply', 'link'] } };
    expect(plan(menu, replies).parts).toMatchObject([{ choices: [{}, {}, { type: 'reply', value: 'S' }] }]);
    expect(codesOf(menu, replies)).toEqual(['choice-type']);
  });

  test('numbers the buttons of all cards through', () => {
    const cards: Content = {
      kind: 'carousel',
      cards: ['A', 'B'].map((title) => ({
        title,
        choices: [{ type: 'reply', label: `Take ${title}`, value: title }],
      })),
    };
    expect(wordsOf(cards, TEXT_ONLY)).toEqual(['A\n1. Take A', 'B\n2. Take B']);
    const one: ContentLimits = { ...EVERYTHING, carousel: { maxCards: 1, description: true } };
    expect(plan(cards, one).parts).toHaveLength(2);
    expect(codesOf(cards, one)).toEqual(['split']);
  });

  test('writes cards out whose buttons the channel has only under a text', () => {
    const limits: ContentLimits = { ...EVERYTHING, carousel: { description: true, choiceTypes: ['link'] } };
    const card = (choice: Choice): Content => ({
      kind: 'carousel',
      cards: [{ title: 'A', choices: [choice] }],
    });
    const link = card({ type: 'link', label: 'Read', url: 'https://example.com' });
    expect(plan(link, limits)).toMatchObject({ parts: [link], losses: [] });
    const reply = card({ type: 'reply', label: 'Take it', value: 'A' });
    expect(wordsOf(reply, limits)).toEqual(['A\n1. Take it']);
    expect(plan(reply, limits).offers).toEqual([{ label: 'Take it', value: 'A' }]);
  });

  test('turns pictures, places and markup into words and links', () => {
    const picture: Content = {
      kind: 'media',
      url: 'https://example.com/a.png',
      mimeType: 'image/png',
      caption: 'A car',
    };
    expect(wordsOf(picture, TEXT_ONLY)).toEqual(['A car\nhttps://example.com/a.png']);
    expect(codesOf(picture, { text: {}, media: { caption: false } })).toEqual(['caption-apart']);
    expect(
      codesOf({ ...picture, sizeBytes: 10 }, { text: {}, media: { caption: true, maxBytes: 9 } }),
    ).toEqual(['as-text']);
    const [place] = wordsOf({ kind: 'location', latitude: 52.1, longitude: 5.1, label: 'Garage' }, TEXT_ONLY);
    expect(place).toMatch(/^Garage\nhttps:.*52\.1.*5\.1/);
    const html = '<p>Dear &amp; good<br>friend &lt;3</p><script>';
    expect(wordsOf({ kind: 'text', format: 'html', text: html }, TEXT_ONLY)).toEqual([
      'Dear & good\nfriend <3',
    ]);
    expect(codesOf({ kind: 'text', format: 'markdown', text: '*hi*' }, TEXT_ONLY)).toEqual(['markup']);
  });

  test('sends nothing of what cannot be shown in any way, and says so', () => {
    const template: Content = { kind: 'template', template: 't1', variables: {} };
    const field: Content = { kind: 'field', key: 'plate', value: 'GT-482-K' };
    for (const one of [template, field, { kind: 'system', text: 'x' } as const]) {
      expect(plan(one, TEXT_ONLY)).toMatchObject({ parts: [], losses: [{ code: 'unsupported' }] });
    }
  });
});
