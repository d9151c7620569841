// Automatic quality against fixed ones over the five links of `telltale simulate`: freezes and bits, on one server, all at once, each viewer
// behind a link of its own. BENCH_SECONDS (40), BENCH_VIEWERS (2) of each kind, BENCH_LINKS (all).
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {Server, binary} from '../tests/support/telltale.mjs';
import {table} from './lib.mjs';

const run = promisify(execFile);
const seconds = process.env.BENCH_SECONDS ?? '40';
const viewers = process.env.BENCH_VIEWERS ?? '2';
const links = process.env.BENCH_LINKS?.split(',') ?? ['perfect', 'wifi', '4g', 'bad-hotel', 'train'];
const qualities = ['auto', 'low', 'medium', 'high'];
const server = await Server.start({args: ['--rate-limit-per-minute', '0']});
const token = await server.adminToken();
try {
  const rows = [];
  for (const link of links) {
    const seen = await Promise.all(qualities.map(async (quality) => {
      const args = ['simulate', '--url', server.origin, '--json', '--viewers', viewers, '--ramp', '1', '--stay', '0', '--settled', '0', '--duration', seconds, '--link', link, '--quality', quality, '--seed', '7', '--objective', 'join_failures<=1000'];
      const {stdout} = await run(binary(), args, {env: {PATH: process.env.PATH, HOME: server.state, TELLTALE_TOKEN: token}});
      return {quality, ...JSON.parse(stdout).figures};
    }));
    for (const one of seen) rows.push([link, one.quality, one.freezes_per_minute.toFixed(1), one.frozen_percent.toFixed(1), one.kilobits_per_second.toFixed(0), one.frames_per_second.toFixed(1), one.first_frame_p95_ms.toFixed(0)]);
  }
  table(`Each link ${seconds} s, ${viewers} viewers of each quality`, ['link', 'quality', 'freezes a minute', 'frozen, %', 'kbit/s', 'frames a second', 'first frame p95, ms'], rows);
} finally {
  await server.stop();
}
