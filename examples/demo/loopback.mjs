// Loaded before a demo server (node --import): it listens on loopback only, where the server itself names no address.
import {Server} from 'node:net';

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  if (!/^\d+$/.test(String(port)) || typeof rest[0] === 'string') return listen.call(this, port, ...rest);
  return listen.call(this, {port: Number(port), host: '127.0.0.1'}, ...rest.filter((one) => typeof one === 'function'));
};
