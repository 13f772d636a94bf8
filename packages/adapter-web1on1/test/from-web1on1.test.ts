import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseJson } from '@parley/adapter-kit';
import type { Event } from '@parley/core';
import { readConfig } from '../src/config.js';
import { toIsoTime } from '../src/from-web1on1.js';
import { readEvent } from '../src/webhook.js';
import type { Web1on1Payload } from '../src/wire/webhook.js';

// A file in samples/ is a test: a payload of the shape that the platform sends, and the event it is to become.

const SAMPLES = new URL('./samples/', import.meta.url);

interface Sample {
  payload: Web1on1Payload;
  event: Partial<Event>;
}

const view = { account: 'leads', selfId: '64aa11bb22cc33dd44ee55ff' };
const ignore = { ...readConfig({}).ignore, self: false, bots: false };

function readSample(name: string): Sample {
  return parseJson(readFileSync(new URL(name, SAMPLES)), name) as Sample;
}

describe.each(readdirSync(SAMPLES))('%s', (name) => {
  const { payload, event: expected } = readSample(name);
  const event = readEvent(payload, view, ignore);

  test('becomes the event it is to become', () => {
    const { payload: kept, ...rest } = event as Event & { payload?: unknown };
    expect(rest).toEqual(expected);
    if (event?.name === 'provider.event') expect(kept).toBe(payload);
  });

  test('is plain JSON, without undefined', () => {
    expect(JSON.parse(JSON.stringify(event))).toStrictEqual(event);
  });

  test('keeps its id when it is delivered again, at another time and under another delivery id', () => {
    const again = { ...payload, id: 'another', timestamp: '2024-03-11T10:00:00.000Z' };
    expect(readEvent(again, view, ignore)?.id).toBe(event?.id);
  });
});

test('two changes of one record are two events', () => {
  const { payload } = readSample('message-update.json');
  const later = structuredClone(payload);
  Object.assign(later.data?.message as object, { updatedAt: '2024-03-11T08:26:00.000Z' });
  expect(readEvent(later, view, ignore)?.id).not.toBe(readEvent(payload, view, ignore)?.id);
});

test('two happenings without any time differ by their contents', () => {
  const login = (user: string): Web1on1Payload => ({ event: 'user.login', data: { user } });
  const id = (payload: Web1on1Payload) => readEvent(payload, view, ignore)?.id;
  expect(id(login('a'))).not.toBe(id(login('b')));
  expect(id(login('a'))).toBe(id(login('a')));
});

describe('a time', () => {
  test.each([
    ['2024-03-11T08:21:44.861Z', '2024-03-11T08:21:44.861Z'],
    ['2024-03-11T08:21:44', '2024-03-11T08:21:44.000Z'],
    ['2024-03-11T08:21:44+01:00', '2024-03-11T07:21:44.000Z'],
    ['2024-03-11', '2024-03-11T00:00:00.000Z'],
    ['yesterday', '1970-01-01T00:00:00.000Z'],
    [undefined, '1970-01-01T00:00:00.000Z'],
  ])('%s is %s in UTC', (source, expected) => {
    expect(toIsoTime(source)).toBe(expected);
  });
});
