/** certificate delete: its names go back to what they had without it. */
import { connectToApi } from './api-client.ts';
import { Certificates } from './certificates.ts';
import { command } from './command.ts';

export const deleteCertificate = command(
  {
    words: 'certificate delete',
    operands: ['ID'],
    summary: 'Deletes a certificate. Its names go back to an older one, or to the local authority.',
    options: [],
    example: 'warmfront certificate delete ASCAEXAMPLEEXAMPLE000',
  },
  async (given, world) => {
    const id = given.operand(0);
    await new Certificates(await connectToApi(world)).delete(id);
    return { text: `${id} is deleted\n`, json: { id, deleted: true } };
  },
);
