/**
 * A worker's questions to the local authority, which lives in another thread: each is a message, and
 * so is its answer. Equal questions that are under way are one.
 */
import type { IssueCertificate } from './certificates.ts';
import type { CertificateAndKey } from './settings.ts';

type Answered = (issued: CertificateAndKey | undefined) => void;

export class CertificateQuestions {
  readonly #send: (name: string) => void;
  readonly #open = new Map<string, Answered[]>();

  /** `send` puts the question; `answer` is called with what comes back. */
  constructor(send: (name: string) => void) {
    this.#send = send;
  }

  readonly issue: IssueCertificate = (name) =>
    new Promise((resolve) => {
      const asked = this.#open.get(name);
      if (asked !== undefined) {
        asked.push(resolve);
        return;
      }
      this.#open.set(name, [resolve]);
      this.#send(name);
    });

  answer(name: string, issued: CertificateAndKey | undefined): void {
    const answered = this.#open.get(name) ?? [];
    this.#open.delete(name);
    for (const resolve of answered) resolve(issued);
  }
}
