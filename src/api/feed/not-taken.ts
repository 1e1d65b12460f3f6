/** Why a request of an edge is not taken, as it is answered. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
