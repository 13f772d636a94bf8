import { AjvCompiler } from '@fastify/ajv-compiler';
import { type CrispError, invalidData } from './errors.js';

type Check = (body: unknown) => true | { error: CrispError };
interface Problem {
  keyword: string;
  instancePath: string;
  message?: string;
}
type Compiled = ((body: unknown) => boolean) & { errors?: Problem[] | null };

const customOptions = {
  allErrors: true,
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  strict: false,
} as const;
const compile = AjvCompiler()({}, { customOptions });
const compiled = new WeakMap<object, Compiled>();

/** Problems of a whole, whose parts are problems of their own. */
const OF_A_WHOLE = ['if', 'anyOf', 'not'];

/**
 * Checks a body against a schema, in the words of the provider's validator (issue crisp-im/node-crisp-api#50). Schemas are
 * compiled when the first body comes, and once for all emulators of a process: two hundred of them would make each start slow.
 */
export function bodyValidator(schema: object): Check {
  return (body) => {
    const validate: Compiled = compiled.get(schema) ?? compile({ schema });
    compiled.set(schema, validate);
    if (validate(body)) return true;
    const problems = (validate.errors ?? []).filter(({ keyword }) => !OF_A_WHOLE.includes(keyword));
    return { error: invalidData(problems.map(worded).join(', ')) };
  };
}

function worded({ instancePath, message = 'is invalid' }: Problem): string {
  return `data${instancePath.replaceAll('/', '.')} ${message.replace(/^must /, 'should ')}`;
}
