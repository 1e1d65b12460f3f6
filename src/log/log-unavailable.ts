/** The log cannot be used; the message tells an operator what is wrong and what to do. */
export class LogUnavailable<Code extends string = string> extends Error {
  override readonly name = 'LogUnavailable';
  readonly code: Code;

  constructor({ code, message }: { readonly code: Code; readonly message: string }) {
    super(message);
    this.code = code;
  }
}
