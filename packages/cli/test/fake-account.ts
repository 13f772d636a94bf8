/** What a test's config file uses as an adapter. */
import { fakeAdapter } from '@parley/testing';

export const parley = { adapter: () => fakeAdapter() };
