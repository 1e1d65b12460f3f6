/** The order of most lists: as things were made, and where two were at one instant, by their ids. */
import type { Instant } from '../base/clock.ts';

export type CreationOrder = { readonly createdAt: Instant; readonly id: string };

export function byCreation(a: CreationOrder, b: CreationOrder): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
