/** Every operation of API 2020-05-31 that is served, by the folders that hold them. */
import type { Handlers } from './handler.ts';

export const handlers: Handlers = {};
