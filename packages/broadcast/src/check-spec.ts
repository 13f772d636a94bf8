import { isAbsolute, resolve } from 'node:path';
import { ACCOUNT_NAME } from '@parley/core';
import { isCountry } from './address.js';
import { collectProblems, type Problems } from './problems.js';
import type { CampaignSpec, CampaignTemplate, CsvSource } from './spec.js';

/** Where in the campaign it is, outermost first: `['template', 'buttons', 0, 'label']`. */
export type SpecPath = readonly (string | number)[];

/** Returns the value to go on with, and adds to `problems` what is wrong with it. */
type Check = (value: unknown, path: SpecPath, to: Checking) => unknown;

interface Checking {
  problems: Problems;
  placeOf(path: SpecPath): string;
  /** What file names are relative to. */
  directory: string;
}

export interface CheckSpecOptions {
  /** What the messages begin with, for example the file's name. Default `campaign`. */
  source?: string;
  /** What file names are relative to. Default: the working directory. */
  directory?: string;
  /** Default `template.buttons[0].label`. */
  placeOf?(path: SpecPath): string;
}

/**
 * Checks that every key of a campaign is known and of the right kind; file names become absolute. What the account makes of it is
 * looked at later, by `planCampaign`.
 *
 * @throws ERR_CONFIG with everything that is wrong, each with its place
 */
export function checkSpec(spec: unknown, options: CheckSpecOptions = {}): CampaignSpec {
  const problems = collectProblems(options.source ?? 'campaign');
  const { directory = '.', placeOf = toPlace } = options;
  const checked = CAMPAIGN(spec, [], { problems, placeOf, directory });
  problems.throwIfAny();
  return checked as CampaignSpec;
}

export function toPlace(path: SpecPath): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${key}`))
    .join('');
}

function wrong({ problems, placeOf }: Checking, path: SpecPath, expected: string): undefined {
  problems.add(placeOf(path), `expected ${expected}`);
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const TEXT: Check = (value, path, to) =>
  typeof value === 'string' && value.trim() !== '' ? value : wrong(to, path, 'a text that is not empty');

/** `expected` says in words what `form` asks for. */
function text(form: RegExp, expected: string): Check {
  return (value, path, to) =>
    typeof value === 'string' && form.test(value) ? value : wrong(to, path, expected);
}

function oneOf(...words: string[]): Check {
  return (value, path, to) =>
    typeof value === 'string' && words.includes(value) ? value : wrong(to, path, words.join(' or '));
}

/** Nothing but these keys; those of `needed` must be there. */
function fields<Name extends string>(known: Record<Name, Check>, ...needed: NoInfer<Name>[]): Check {
  return (value, path, to) => {
    if (!isRecord(value)) return wrong(to, path, `an object with ${Object.keys(known).join(', ')}`);
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(known, name))
        wrong(
          to,
          [...path, name.slice(0, 80)],
          `one of ${Object.keys(known).join(', ')}; this key is not known`,
        );
    }
    for (const name of needed) {
      if (value[name] === undefined) wrong(to, [...path, name], 'it to be there, it is missing');
    }
    const given = Object.entries<Check>(known).filter(([name]) => value[name] !== undefined);
    return Object.fromEntries(given.map(([name, check]) => [name, check(value[name], [...path, name], to)]));
  };
}

/** Keys of the author's choice. */
function mapOf(check: Check, form?: { name: RegExp; expected: string }): Check {
  return (value, path, to) => {
    if (!isRecord(value)) return wrong(to, path, 'an object');
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => {
        const at = [...path, name.slice(0, 80)];
        if (form !== undefined && !form.name.test(name)) wrong(to, at, form.expected);
        return [name, check(each, at, to)];
      }),
    );
  };
}

function listOf(check: Check): Check {
  return (value, path, to) =>
    Array.isArray(value)
      ? value.map((each: unknown, index) => check(each, [...path, index], to))
      : wrong(to, path, 'a list');
}

/** The choice is made by a key that only one of them has. */
function either(key: string, withKey: Check, without: Check): Check {
  return (value, path, to) => (isRecord(value) && key in value ? withKey : without)(value, path, to);
}

const FILE: Check = (value, path, to) => {
  if (typeof value !== 'string' || value === '') return wrong(to, path, 'the name of a CSV file');
  return isAbsolute(value) ? value : resolve(to.directory, value);
};

const CELL: Check = (value, path, to) =>
  typeof value === 'string' ? value : wrong(to, path, 'a text; a number needs quotes');

/** An empty one is spoken of together with what else is wrong with the words. */
const BODY: Check = (value, path, to) =>
  typeof value === 'string' ? value : wrong(to, path, 'a text; one that begins with { needs quotes in YAML');

/** With a zone: without one it would mean another moment on every machine. */
const MOMENT = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** `Date` takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

const AT: Check = (value, path, to) => {
  const [, day] = typeof value === 'string' ? (MOMENT.exec(value) ?? []) : [];
  if (day !== undefined && isDay(day) && !Number.isNaN(Date.parse(value as string)))
    return new Date(value as string).toISOString();
  return wrong(to, path, 'a date and a time with its zone, for example 2026-05-01T09:00:00+02:00');
};

const LANGUAGE: Check = (value, path, to) => {
  const expected = 'a language such as en or en-US';
  try {
    return typeof value === 'string' && Intl.getCanonicalLocales(value).length === 1
      ? value
      : wrong(to, path, expected);
  } catch {
    return wrong(to, path, expected);
  }
};

const COUNTRY: Check = (value, path, to) =>
  typeof value === 'string' && isCountry(value)
    ? value
    : wrong(to, path, 'a country of two capital letters, for example NL');

const BUTTONS: Record<string, Check> = {
  reply: fields({ type: TEXT, label: TEXT, value: TEXT }, 'label', 'value'),
  link: fields({ type: TEXT, label: TEXT, url: TEXT }, 'label', 'url'),
  phone: fields({ type: TEXT, label: TEXT, phone: TEXT }, 'label', 'phone'),
  flow: fields({ type: TEXT, label: TEXT, flow: TEXT }, 'label', 'flow'),
};

const BUTTON: Check = (value, path, to) => {
  const type = isRecord(value) ? value.type : undefined;
  const check = typeof type === 'string' && Object.hasOwn(BUTTONS, type) ? BUTTONS[type] : undefined;
  if (check === undefined) return wrong(to, [...path, 'type'], Object.keys(BUTTONS).join(' or '));
  return check(value, path, to);
};

const APPROVED = fields({ id: TEXT, name: TEXT, variables: mapOf(TEXT) }, 'id');

const TEMPLATE = fields(
  {
    body: BODY,
    language: LANGUAGE,
    category: oneOf('marketing', 'utility', 'authentication'),
    imageUrl: TEXT,
    buttons: listOf(BUTTON),
    approved: mapOf(APPROVED),
  } satisfies Record<keyof CampaignTemplate, Check>,
  'body',
  'language',
);

const CSV = { file: FILE, phone: TEXT, email: TEXT, name: TEXT } satisfies Record<keyof CsvSource, Check>;
const PEOPLE = listOf(mapOf(CELL));

const CAMPAIGN = fields(
  {
    name: text(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'a letter, then letters, digits, - or _, at most 40'),
    title: TEXT,
    account: text(ACCOUNT_NAME, 'the name of an account of the bot'),
    template: TEMPLATE,
    audience: listOf(either('contacts', fields({ contacts: PEOPLE }), fields(CSV, 'file'))),
    variables: mapOf(either('rows', fields({ rows: PEOPLE }), fields(CSV, 'file')), {
      name: /^(?!contact$)[A-Za-z0-9_-]+$/,
      expected:
        'a group to be of letters, digits, - or _, and not to be called contact: those are the columns of the audience',
    }),
    at: AT,
    via: oneOf('native', 'person'),
    channel: text(/^[a-z0-9_-]+$/, 'a channel such as whatsapp, sms or email'),
    country: COUNTRY,
  } satisfies Record<keyof CampaignSpec, Check>,
  'name',
  'account',
  'template',
  'audience',
);
