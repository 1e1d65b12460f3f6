/** The options by which a command is told of a log in etcd; named as those of `serve`. */
import type { Option } from './command.ts';

export const logOptions: readonly Option[] = [
  {
    name: 'log',
    kind: 'one',
    form: 'URL',
    meaning: 'the log in this etcd: etcd://HOST:PORT[,…][/PREFIX]',
  },
  {
    name: 'log-ca',
    kind: 'one',
    form: 'FILE',
    meaning: 'certificates that the servers of etcd may be signed by',
  },
  { name: 'log-cert', kind: 'one', form: 'FILE', meaning: 'certificate that they are shown' },
  { name: 'log-key', kind: 'one', form: 'FILE', meaning: 'private key of --log-cert' },
];
