import { isObject, type Json, type JsonObject } from '../json.js';
import { invalid } from './errors.js';

/** Reads the fields of a request: each refuses with 400 and names the field. */
export function optionalText(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`${name} must be a string`);
  return value;
}

export function text(body: JsonObject, name: string): string {
  const value = optionalText(body, name);
  if (value === undefined || value.trim() === '') throw invalid(`${name} is required`);
  return value;
}

export function optionalTexts(body: JsonObject, name: string): string[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw invalid(`${name} must be an array of strings`);
  return value;
}

/** Parameters in a query are text. */
export function flag(value: Json | undefined): boolean {
  return value === true || value === 'true';
}

export function optionalObject(body: JsonObject, name: string): JsonObject {
  const value = body[name] ?? {};
  if (!isObject(value)) throw invalid(`${name} must be an object`);
  return value;
}

/** From this value on, a Unix timestamp is taken for milliseconds. */
const MILLISECONDS_FROM = 100_000_000_000;

/** A Unix timestamp, as epoch milliseconds. The provider does not say its unit. */
export function optionalTime(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const isNumeric = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);
  const time = isNumeric ? Number(value) : value;
  if (typeof time !== 'number' || !(time >= 0)) throw invalid(`${name} must be a Unix timestamp`);
  return time >= MILLISECONDS_FROM ? time : time * 1000;
}
