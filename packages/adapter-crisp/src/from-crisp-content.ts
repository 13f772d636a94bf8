import type { Card, Choice, Content } from '@parley/core';

/** What a message says. */
export function fromCrispContent(type: string, source: unknown): Content {
  if (type === 'text' || type === 'note') {
    return typeof source === 'string' ? { kind: 'text', text: source } : { kind: 'unknown', type };
  }
  if (typeof source !== 'object' || source === null) {
    return typeof source === 'string' ? { kind: 'unknown', type, text: source } : { kind: 'unknown', type };
  }
  switch (type) {
    case 'file':
    case 'animation':
    case 'audio':
      return fromFile(source, type);
    case 'picker':
      return {
        kind: 'choices',
        text: textIn(source, 'text') ?? '',
        choices: recordsIn(source, 'choices').flatMap(fromPickerChoice),
      };
    case 'carousel':
      return fromCarousel(source);
    case 'event':
      return { kind: 'system', text: textIn(source, 'text') || textIn(source, 'namespace') || '' };
    default: {
      const text = textIn(source, 'text');
      return text === undefined ? { kind: 'unknown', type } : { kind: 'unknown', type, text };
    }
  }
}

/** The type of a content that came without: an update brings none. */
export function typeOfContent(source: unknown): string {
  if (typeof source === 'string') return 'text';
  if (typeof source !== 'object' || source === null) return 'unknown';
  if ('choices' in source) return 'picker';
  if ('targets' in source) return 'carousel';
  if ('namespace' in source) return 'event';
  if ('explain' in source || 'value' in source) return 'field';
  if ('duration' in source) return 'audio';
  if ('url' in source) return 'name' in source ? 'file' : 'animation';
  return 'unknown';
}

/** What the visitor chose in a picker or wrote into a field; undefined while it is not answered. */
export function fromCrispAnswer(source: unknown): Content | undefined {
  const type = typeOfContent(source);
  if (type === 'picker') {
    const chosen = recordsIn(source, 'choices').find((choice) => Reflect.get(choice, 'selected') === true);
    const value = textIn(chosen, 'value');
    if (chosen === undefined || value === undefined) return undefined;
    const label = textIn(chosen, 'label');
    return { kind: 'choice', value, ...(label && { label }) };
  }
  const value = type === 'field' ? textIn(source, 'value') : undefined;
  return value ? { kind: 'text', text: value } : undefined;
}

function fromFile(source: object, type: string): Content {
  const url = textIn(source, 'url');
  if (!url) return { kind: 'unknown', type };
  const mimeType = textIn(source, 'type');
  const name = textIn(source, 'name');
  return {
    kind: 'media',
    url,
    mimeType: mimeType?.includes('/') ? mimeType : 'application/octet-stream',
    ...(name && { name }),
  };
}

function fromPickerChoice(source: object): Choice[] {
  const value = textIn(source, 'value') ?? '';
  const label = textIn(source, 'label') || value;
  if (label === '') return [];
  const action: unknown = Reflect.get(source, 'action');
  const target = textIn(action, 'type') === 'link' ? textIn(action, 'target') : undefined;
  return [target ? { type: 'link', label, url: target } : { type: 'reply', label, value }];
}

function fromCarousel(source: object): Content {
  const text = textIn(source, 'text');
  const cards = recordsIn(source, 'targets').map((target): Card => {
    const description = textIn(target, 'description');
    const mediaUrl = textIn(target, 'image');
    const choices = recordsIn(target, 'actions').flatMap((action): Choice[] => {
      const url = textIn(action, 'url');
      return url ? [{ type: 'link', label: textIn(action, 'label') || url, url }] : [];
    });
    return {
      title: textIn(target, 'title') ?? '',
      ...(description && { description }),
      ...(mediaUrl && { mediaUrl }),
      ...(choices.length > 0 && { choices }),
    };
  });
  return text ? { kind: 'carousel', text, cards } : { kind: 'carousel', cards };
}

// Contents are read by hand: a message whose content is odd is still a message.

export function textIn(source: unknown, name: string): string | undefined {
  const value: unknown =
    typeof source === 'object' && source !== null ? Reflect.get(source, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function recordsIn(source: unknown, name: string): object[] {
  const value: unknown =
    typeof source === 'object' && source !== null ? Reflect.get(source, name) : undefined;
  return Array.isArray(value)
    ? value.filter((each): each is object => typeof each === 'object' && each !== null)
    : [];
}
