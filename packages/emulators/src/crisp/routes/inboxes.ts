import { isObject } from '../../json.js';
import { crudRoutes, recordOf } from '../crud.js';
import { type Route, updated } from '../route.js';
import { filled, listOf, object, oneOf, text, texts, whole } from '../schemas.js';

const CONDITION = object(
  {
    model: oneOf('session'),
    criterion: filled,
    operator: oneOf('eq', 'neq', 'gte', 'lte', 'gt', 'lt'),
    query: listOf({ type: ['string', 'number', 'boolean'] }),
  },
  'model',
  'criterion',
  'operator',
);

export const inboxRoutes: Route[] = [
  ...crudRoutes({
    noun: 'inbox',
    path: '/inbox',
    list: '/inboxes/list',
    read: 'UP',
    write: 'U',
    body: object(
      {
        name: filled,
        emoji: text,
        order: whole,
        operators: texts,
        teams: texts,
        operator: oneOf('and', 'or'),
        conditions: listOf(CONDITION),
      },
      'name',
    ),
    fields: ({ name, emoji, order, operators, teams, operator, conditions }) => ({
      name,
      emoji: emoji ?? '',
      order: order ?? 0,
      operators: operators ?? [],
      teams: teams ?? [],
      team_operators: [],
      operator: operator ?? 'and',
      conditions: conditions ?? [],
    }),
  }),
  {
    method: 'PATCH',
    path: '/website/:website/inboxes/batch/order',
    tiers: 'U',
    body: object(
      { orders: listOf(object({ inbox_id: filled, order: whole }, 'inbox_id', 'order')) },
      'orders',
    ),
    handle({ website, body }) {
      const orders = Array.isArray(body.orders) ? body.orders.filter(isObject) : [];
      for (const { inbox_id, order } of orders) recordOf(website, 'inbox', String(inbox_id)).order = order;
      return updated();
    },
  },
];

export const teamRoutes: Route[] = crudRoutes({
  noun: 'team',
  path: '/team',
  list: '/teams/list',
  read: '?',
  write: '?',
  body: object({ name: filled, emoji: text, operators: texts }, 'name'),
  fields: ({ name, emoji, operators }) => ({ name, emoji: emoji ?? '', operators: operators ?? [] }),
});
