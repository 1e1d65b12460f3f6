#!/usr/bin/env node
// Starts Warmfront. Plain JavaScript that an old Node can read, so that such a Node is told what is
// wrong in one sentence instead of failing on the first line of TypeScript.
import { existsSync } from 'node:fs';
import module from 'node:module';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Warmfront needs Node 24 or newer and this is Node ${process.versions.node}; ` +
      'in a checkout, `npm ci` installs the right one and `npm start` or `npx warmfront` use it.',
  );
  process.exit(1);
}
if (process.env.NODE_COMPILE_CACHE === undefined) module.enableCompileCache?.();
const built = new URL('../dist/main.js', import.meta.url);
const source = new URL('../src/main.ts', import.meta.url);
const { main } = await import((existsSync(source) ? source : built).href);
await main(process.argv.slice(2));
