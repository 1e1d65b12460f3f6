/**
 * Brands: ids, instants and positions are plain strings and numbers that cannot stand in for one
 * another. Makers of a brand call this, and nothing else does.
 */
export function branded<Brand extends string | number>(
  plain: Brand extends string ? string : number,
): Brand {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that makes brands
  return plain as Brand;
}
