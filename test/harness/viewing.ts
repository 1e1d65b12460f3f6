/** A viewer's one request to an edge of a server process, which the ready line names by URL. */
import { type Answer, Viewer } from './viewer.ts';

/** `edge`: an http URL without a slash at the end; `host`: the distribution's name or an alias. */
export function view(edge: string, host: string, path: string): Promise<Answer> {
  return new Viewer({ port: Number(new URL(edge).port), host }).gets(path).answer;
}
