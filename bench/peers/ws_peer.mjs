// Fan-out as a Node program does it with `ws`: a token check at the upgrade, one send a message and client. Publishing: POST / with one
// message a line.
import {createServer} from 'node:http';
import {WebSocketServer} from 'ws';

const [port, token] = process.argv.slice(2);
const clients = new Set();
const sockets = new WebSocketServer({noServer: true, perMessageDeflate: false});
const server = createServer((request, answer) => {
  if (request.method === 'GET') return answer.end('{}');
  let text = '';
  request.on('data', (data) => (text += data));
  request.on('end', () => {
    for (const message of text.split('\n')) for (const client of clients) client.send(message);
    answer.end('{}');
  });
});
server.on('upgrade', (request, socket, head) => {
  if (request.headers.authorization !== `Bearer ${token}`) return socket.destroy();
  sockets.handleUpgrade(request, socket, head, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => {});
  });
});
server.keepAliveTimeout = 600_000; // of the publisher
server.listen(Number(port), '127.0.0.1', 4096);
