import { isObject, type Json, type JsonObject } from '../../json.js';
import { flag, optionalText, text } from '../body.js';
import { invalid, notFound } from '../errors.js';
import { inputGroupNamed } from '../platform.js';
import { type Answer, type Call, listed, type Route, read, wrote } from '../route.js';

/** The bot product: as much of it as campaigns touch. Journeys were called flows once, and their steps forms. */
export const BOT_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/create/journey', base: 'either', handle: createJourney('journeyId', 'steps') },
  { method: 'GET', path: '/retrieve/journeys', base: 'either', handle: listJourneys('journeyId', 'steps') },
  { method: 'POST', path: '/edit/journey', base: 'either', handle: editJourney('journeyId', 'steps') },
  { method: 'POST', path: '/create/flow', base: 'either', handle: createJourney('flowId', 'forms') },
  { method: 'GET', path: '/retrieve/flows', base: 'either', handle: listJourneys('flowId', 'forms') },
  { method: 'POST', path: '/edit/flow', base: 'either', handle: editJourney('flowId', 'forms') },
  { method: 'POST', path: '/create/input/group', base: 'either', handle: createInputGroup },
  // No path is printed for reading one: this is the one that fits the others.
  { method: 'POST', path: '/retrieve/input/group', base: 'either', handle: readInputGroup },
  { method: 'POST', path: '/create/task/group', base: 'either', handle: createTaskGroup },
  { method: 'GET', path: '/retrieve/chats', base: 'either', handle: listChats },
];

type IdName = 'journeyId' | 'flowId';
type StepsName = 'steps' | 'forms';

function readSteps(params: JsonObject, name: StepsName): JsonObject[] {
  const steps = params[name];
  if (!Array.isArray(steps) || !steps.every(isObject)) throw invalid(`${name} must be an array of objects`);
  return steps;
}

function createJourney(idName: IdName, stepsName: StepsName) {
  return ({ platform, account, params }: Call): Answer => {
    const journeyId = text(params, idName);
    account.journeys.set(journeyId, {
      journeyId,
      entry: text(params, 'entry'),
      steps: readSteps(params, stepsName),
    });
    return wrote(platform, { [idName]: journeyId });
  };
}

/** Steps are matched by `id` or `entry`; others are added. */
function editJourney(idName: IdName, stepsName: StepsName) {
  return ({ platform, account, params }: Call): Answer => {
    const journeyId = text(params, idName);
    const journey = account.journeys.get(journeyId);
    if (journey === undefined) throw notFound('journey');
    const entry = optionalText(params, 'entry');
    if (entry !== undefined) journey.entry = entry;
    const steps = (journey.steps ?? []) as JsonObject[];
    for (const step of params[stepsName] === undefined ? [] : readSteps(params, stepsName)) {
      const place = steps.findIndex(
        ({ id, entry: known }) =>
          (id !== undefined && id === step.id) || (known !== undefined && known === step.entry),
      );
      if (place < 0) steps.push(step);
      else steps[place] = { ...steps[place], ...step };
    }
    journey.steps = steps;
    return wrote(platform, { [idName]: journeyId });
  };
}

function listJourneys(idName: IdName, stepsName: StepsName) {
  return ({ account }: Call): Answer =>
    read(
      [...account.journeys.values()].map(({ journeyId, entry, steps }) => ({
        [idName]: journeyId,
        entry,
        [stepsName]: steps,
      })),
    );
}

function createInputGroup({ platform, account, params }: Call): Answer {
  const id = text(params, 'id');
  const group = inputGroupNamed(account, optionalText(params, 'name') ?? id);
  group.id = id;
  const description = optionalText(params, 'description');
  if (description !== undefined) group.description = description;
  return wrote(platform, { inputGroup: { id, name: group.name } });
}

function readInputGroup({ platform, account, params }: Call): Answer {
  const wanted = text(params, 'id');
  const group = [...account.inputGroups.values()].find(({ id, name }) => id === wanted || name === wanted);
  if (group === undefined) throw notFound('input group');
  return listed(platform, 'inputs', structuredClone(group.inputs) as Json[]);
}

/** The table names the id `taskGroupId`, the example `taskId`. It is stored, and nothing is done at its time. */
function createTaskGroup({ platform, account, params }: Call): Answer {
  const taskGroupId = optionalText(params, 'taskGroupId') ?? text(params, 'taskId');
  if (!Array.isArray(params.group)) throw invalid('group must be an array');
  account.taskGroups.set(taskGroupId, params.group);
  return wrote(platform, { taskGroupId });
}

/** A chat is a user, and a user's id is the phone number. `abondonedCarts` is spelt so. */
function listChats({ account, params }: Call): Answer {
  if (flag(params.abondonedCarts) || flag(params.orders)) return read([]);
  const pressed = [...account.campaigns.values()].flatMap(({ presses }) => [...presses.keys()]);
  return read([...new Set(pressed)].map((id) => ({ id })));
}
