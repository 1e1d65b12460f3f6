/** The three things that can become of what CloudFront's API offers. */
export type State = 'honored' | 'stored' | 'refused';

/** Some operations of one resource. */
export type OperationRow<Name extends string> = {
  readonly resource: string;
  readonly operations: readonly Name[];
  readonly state: State;
  readonly remark?: string;
};

/** Some fields below one element. */
export type FieldRow = {
  /** Paths of elements, without that of the element they are below. */
  readonly fields: readonly string[];
  readonly state: State;
  readonly remark?: string;
};

export type FieldSection = {
  readonly title: string;
  /** The path of the element that holds them; '' for the root. */
  readonly below: string;
  readonly rows: readonly FieldRow[];
};

/** Every path of the sections, from the root. */
export function pathsOf(sections: readonly FieldSection[]): ReadonlyMap<string, State> {
  const states = new Map<string, State>();
  for (const { below, rows } of sections) {
    for (const { fields, state } of rows) {
      for (const field of fields) {
        const path = below === '' ? field : `${below}/${field}`;
        if (states.has(path)) throw new Error(`${path} stands in the table twice`);
        states.set(path, state);
      }
    }
  }
  return states;
}
