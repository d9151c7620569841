// What was logged before: written as Telltale writes it, while it does not run.
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {chattyServers} from './lib.mjs';

export function fill(state, lines) {
  const db = new DatabaseSync(join(state, 'telltale.db'));
  const put = db.prepare('INSERT OR REPLACE INTO logs VALUES(?,?,?,?,?,?)');
  const began = Date.now() - lines * 10;
  db.exec('BEGIN');
  for (let i = 0; i < lines; ++i) put.run(`chatty-${i % chattyServers}`, Math.floor(i / chattyServers) + 1, began + i * 10, 'stderr', i % 50 === 0 ? 'error' : 'info', `request ${i} took ${(i * 7919) % 1000} ms, user u${i % 97}`);
  db.exec('COMMIT');
  db.close();
}
