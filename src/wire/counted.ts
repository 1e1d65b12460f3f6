/** Lists on the wire: their count beside them, and no `Items` where there is none (section 2.6). */

export type Counted<Item> = {
  readonly Quantity: number;
  readonly Items?: readonly Item[] | undefined;
};

export function counted<Item>(items: readonly Item[]): Counted<Item> {
  return items.length === 0 ? { Quantity: 0 } : { Quantity: items.length, Items: items };
}

export function itemsOf<Item>(list: Counted<Item> | undefined): readonly Item[] {
  return list?.Items ?? [];
}
