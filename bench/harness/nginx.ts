/**
 * nginx as a caching proxy, set as well as we know for hits from memory: a peer that is set badly
 * makes any ratio worthless. `sendfile off` since for small bodies a read and one write are a third
 * faster; buffers that hold the largest body of the load; open files and connections kept; no access
 * log; one worker, since it stands on one core. TLS with the ciphers and groups of our edges in their
 * order, and a certificate of the same kind; tickets, as is its default. HTTP/2 to whom offers it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from '../../test/harness/programs.ts';
import { freePort, untilListening } from './listening.ts';
import { processTree } from './machine.ts';
import { withFolder } from './served.ts';

export type Nginx = {
  /** Of the master process. */
  readonly pid: number;
  readonly url: string;
  /** The same over TLS; undefined where no certificate was given. */
  readonly tlsUrl: string | undefined;
  processes(): readonly number[];
};

/** Both in PEM. */
export type NginxCertificate = { readonly certificate: string; readonly key: string };

export type NginxAsked = {
  readonly originPort: number;
  readonly certificate?: NginxCertificate;
  /** Beginnings of paths that have a location of their own, beside that of all others. */
  readonly locations?: readonly string[];
};

export function withNginx<T>(
  { certificate, locations = [], originPort }: NginxAsked,
  use: (nginx: Nginx) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const port = await freePort();
    const tlsPort = certificate === undefined ? undefined : await freePort();
    const file = join(folder, 'nginx.conf');
    const errors = join(folder, 'error.log');
    await mkdir(join(folder, 'logs'));
    if (certificate !== undefined) {
      await writeFile(join(folder, 'certificate.pem'), certificate.certificate);
      await writeFile(join(folder, 'key.pem'), certificate.key, { mode: 0o600 });
    }
    const tls = tlsPort === undefined ? '' : tlsConfiguration(folder, tlsPort);
    const places = ['/', ...locations].map(locationOf).join('');
    await writeFile(file, configuration(folder, { port, originPort, tls, places }));
    const child = spawn(program('nginx'), ['-p', folder, '-c', file], { stdio: 'inherit' });
    const ended = once(child, 'exit');
    try {
      const { pid } = child;
      if (pid === undefined) throw new Error('nginx does not start');
      await untilListening('nginx', port, child, () => readFile(errors, 'utf8'));
      return await use({
        pid,
        url: `http://127.0.0.1:${port}`,
        tlsUrl: tlsPort === undefined ? undefined : `https://127.0.0.1:${tlsPort}`,
        processes: () => processTree(pid),
      });
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });
}

function tlsConfiguration(folder: string, port: number): string {
  return `
    listen 127.0.0.1:${port} ssl http2 backlog=4096;
    ssl_certificate ${folder}/certificate.pem;
    ssl_certificate_key ${folder}/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_prefer_server_ciphers on;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384;
    ssl_ecdh_curve X25519:P-256:P-384;`;
}

/** Workers of a master that runs as root would be another user, who may not enter the folder. */
function configuration(
  folder: string,
  {
    originPort,
    places,
    port,
    tls,
  }: Readonly<Record<'tls' | 'places', string>> & {
    readonly port: number;
    readonly originPort: number;
  },
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_rlimit_nofile 8192;
events { worker_connections 4096; multi_accept on; use epoll; }
http {
  access_log off;
  sendfile off;
  output_buffers 1 256k;
  tcp_nodelay on;
  server_tokens off;
  keepalive_requests 100000000;
  keepalive_time 24h;
  keepalive_timeout 600s;
  open_file_cache max=1000 inactive=600s;
  open_file_cache_valid 600s;
  open_file_cache_min_uses 1;
  ${temporary.join('\n  ')}
  proxy_cache_path ${folder}/cache levels=1:2 keys_zone=hits:10m max_size=1g inactive=1d use_temp_path=off;
  upstream origin { server 127.0.0.1:${originPort}; keepalive 16; }
  server {
    listen 127.0.0.1:${port} backlog=4096;${tls}${places}
  }
}
`;
}

function locationOf(prefix: string): string {
  return `
    location ${prefix} {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_cache hits;
      proxy_cache_key $host$request_uri;
      proxy_cache_lock on;
      proxy_force_ranges on;
      add_header X-Cache $upstream_cache_status;
      add_header Via "1.1 nginx";
    }`;
}
