/** What an operation of API 2020-05-31 is in code: a typed input to a typed output. */
import type { AccountId } from '../../model/ids.ts';
import type { Service } from '../operation.ts';
import type { Inputs, OperationName, Outputs } from '../../wire/shapes.generated.ts';

export type Context = Service & { readonly account: AccountId };

export type Handler<Name extends OperationName> = (
  input: Inputs[Name],
  context: Context,
) => Promise<Outputs[Name]>;

export type AllHandlers = { readonly [Name in OperationName]: Handler<Name> };

/** Those of one file. */
export type Handlers = Partial<AllHandlers>;
