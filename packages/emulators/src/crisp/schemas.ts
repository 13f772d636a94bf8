/** Pieces of JSON schemas. */
export const text = { type: 'string' };
export const filled = { type: 'string', minLength: 1 };
export const flag = { type: 'boolean' };
export const whole = { type: 'integer' };
export const textOrNull = { type: ['string', 'null'] };
export const texts = { type: 'array', items: text };
export const oneOf = (...values: readonly string[]) => ({ enum: values });
export const object = (properties: Record<string, object> = {}, ...required: readonly string[]) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});
export const listOf = (items: object) => ({ type: 'array', items });
/** A flat map of strings, numbers and booleans. */
export const scalars = {
  type: 'object',
  additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
};
/** Who does it, where it matters. */
export const actor = { user: object({ type: text, nickname: text, avatar: text }), origin: text };
