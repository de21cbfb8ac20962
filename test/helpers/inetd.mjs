// One server of the old kind, which talks on its standard streams: node inetd.mjs <port> <program> <argument…>
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const [, , port, program, ...args] = process.argv;

createServer({ pauseOnConnect: true }, (socket) => {
  socket.on('error', () => {});
  spawn(program, args, { stdio: [socket, socket, socket] }).on('exit', () => socket.destroy());
}).listen(Number(port), '127.0.0.1');
