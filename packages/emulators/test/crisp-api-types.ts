import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';
import type { Parsed } from './receiver.js';

/** A method of crisp-api, from its own type declarations. */
export interface ApiMethod {
  /** `website.getConversation` */
  name: string;
  /** What the promise is of. */
  returns: Parsed;
}

const folder = join(dirname(createRequire(import.meta.url).resolve('crisp-api')), 'resources');
const files = readdirSync(folder).filter((name) => name.endsWith('.d.ts') && !/^(index|Base)/.test(name));
const programs = files.map((file) => ({
  file,
  body: parseSync(file, readFileSync(join(folder, file), 'utf8')).program.body as Parsed[],
}));
const declarations = new Map<string, Parsed>();
for (const { body } of programs) {
  for (const statement of body) {
    const declared = statement.declaration ?? statement;
    if (/^TS(Interface|TypeAlias|Enum)Declaration$/.test(declared.type))
      declarations.set(declared.id.name, declared);
  }
}

/** Every REST method that the package declares. */
export const apiMethods: ApiMethod[] = programs.flatMap(({ file, body }) => {
  const service = /^(Website|Plugin|Plan|Bucket|Media)/.exec(file)?.[1]?.toLowerCase();
  const found = body.find((statement) => statement.type === 'ClassDeclaration');
  return found.body.body.map(({ key, value }: Parsed) => ({
    name: `${service}.${key.name}`,
    returns: value.returnType.typeAnnotation.typeArguments.params[0],
  }));
});

const KEYWORDS: Record<string, string> = {
  TSStringKeyword: 'string',
  TSNumberKeyword: 'number',
  TSBooleanKeyword: 'boolean',
  TSObjectKeyword: 'object',
};

/** Where a value departs from a declared type, as lines of text; fields may be null, and must be declared. */
export function departures(type: Parsed, value: unknown, path = 'data'): string[] {
  if (/^TS(Any|Unknown)Keyword$/.test(type.type) || value === null) return [];
  const keyword = KEYWORDS[type.type];
  if (keyword !== undefined) return typeof value === keyword ? [] : [`${path}: no ${keyword}`];
  switch (type.type) {
    case 'TSParenthesizedType':
      return departures(type.typeAnnotation, value, path);
    case 'TSLiteralType':
      return value === type.literal.value ? [] : [`${path}: not ${type.literal.value}`];
    case 'TSTemplateLiteralType':
      return typeof value === 'string' ? [] : [`${path}: no string`];
    case 'TSNullKeyword':
      return [`${path}: not null`];
    case 'TSUnionType':
      return type.types.some((each: Parsed) => departures(each, value).length === 0)
        ? []
        : [`${path}: none of the ${type.types.length} types`];
    case 'TSArrayType':
      if (!Array.isArray(value)) return [`${path}: no list`];
      return value.flatMap((item, index) => departures(type.elementType, item, `${path}[${index}]`));
    case 'TSTypeLiteral':
      return fieldDepartures(type.members, value, path);
    case 'TSTypeReference':
      return referenceDepartures(type, value, path);
    default:
      throw new Error(`${path}: a type that this check does not know: ${type.type}`);
  }
}

function referenceDepartures(type: Parsed, value: unknown, path: string): string[] {
  if (type.typeName.name === 'Record') {
    if (typeof value !== 'object') return [`${path}: no object`];
    return Object.entries(value as object).flatMap(([key, each]) =>
      departures(type.typeArguments.params[1], each, `${path}.${key}`),
    );
  }
  const declared = declarations.get(type.typeName.name);
  if (declared === undefined) throw new Error(`${path}: ${type.typeName.name} is declared nowhere`);
  if (declared.type === 'TSTypeAliasDeclaration') return departures(declared.typeAnnotation, value, path);
  return fieldDepartures(membersOf(declared), value, path);
}

function membersOf(declared: Parsed): Parsed[] {
  const bases = (declared.extends ?? []).flatMap((base: Parsed) => {
    const found = declarations.get(base.expression.name);
    return found.type === 'TSTypeAliasDeclaration' ? found.typeAnnotation.members : membersOf(found);
  });
  return [...bases, ...declared.body.body];
}

function fieldDepartures(members: Parsed[], value: unknown, path: string): string[] {
  if (typeof value !== 'object' || Array.isArray(value)) return [`${path}: no object`];
  const index = members.find(({ type }) => type === 'TSIndexSignature');
  return Object.entries(value as object).flatMap(([key, each]) => {
    // Some names are in camel case in the types only.
    const member =
      members.find(({ key: declared }) => declared && snake(declared.name) === snake(key)) ?? index;
    if (member === undefined) return [`${path}.${key}: not declared`];
    return departures(member.typeAnnotation.typeAnnotation, each, `${path}.${key}`);
  });
}

function snake(name: string): string {
  return name.replace(/[A-Z]+/g, (capitals) => `_${capitals.toLowerCase()}`);
}
