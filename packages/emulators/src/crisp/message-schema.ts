import { filled, flag, listOf, object, oneOf, scalars, text, texts, whole } from './schemas.js';

const CONTENTS: Record<string, object> = {
  text: filled,
  note: filled,
  file: object({ name: text, url: filled, type: filled }, 'name', 'url', 'type'),
  animation: object({ url: filled, type: filled }, 'url', 'type'),
  audio: object({ url: filled, type: filled, duration: { type: 'number' } }, 'url', 'type', 'duration'),
  picker: object(
    {
      id: filled,
      text,
      choices: listOf(
        object(
          {
            value: text,
            icon: text,
            label: text,
            selected: flag,
            action: object({ type: text, target: text }, 'type', 'target'),
          },
          'value',
          'label',
          'selected',
        ),
      ),
      required: flag,
    },
    'id',
    'text',
    'choices',
  ),
  field: object({ id: filled, text, explain: text, value: text, required: flag }, 'id', 'text', 'explain'),
  carousel: object(
    {
      text,
      targets: listOf(
        object(
          {
            title: text,
            description: text,
            image: text,
            actions: listOf(object({ label: text, url: text }, 'label', 'url')),
          },
          'title',
          'description',
          'actions',
        ),
      ),
    },
    'text',
    'targets',
  ),
  event: object({ namespace: filled, text }, 'namespace'),
};

/** The body of a new message (npm crisp-api, lib/resources/WebsiteConversation.ts). */
export const MESSAGE = {
  ...object(
    {
      type: oneOf(...Object.keys(CONTENTS)),
      from: oneOf('user', 'operator'),
      origin: { type: 'string', pattern: '^(chat|email|urn:.+)$' },
      content: { type: ['string', 'object'] },
      fingerprint: whole,
      user: object({
        type: oneOf('website', 'participant', 'user', 'operator'),
        nickname: text,
        avatar: text,
      }),
      mentions: texts,
      references: listOf(object({ type: text, name: text, target: text })),
      original: object(),
      properties: scalars,
      timestamp: whole,
      stealth: flag,
      translated: flag,
      automated: flag,
    },
    'type',
    'from',
    'origin',
    'content',
  ),
  allOf: Object.entries(CONTENTS).map(([type, content]) => ({
    if: { not: { properties: { type: { const: type } }, required: ['type'] } },
    else: { properties: { content } },
  })),
};
