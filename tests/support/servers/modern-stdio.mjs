// Protocol 2026-07-28 over stdio; with --both it serves clients of 2025 too.
import {serveStdio} from '@modelcontextprotocol/server/stdio';
import {modernServer} from './modern.mjs';

serveStdio(() => modernServer(), {
  legacy: process.argv.includes('--both') ? 'serve' : 'reject',
  onerror: (error) => process.stderr.write(`modern-stdio: ${error.message}\n`),
});
