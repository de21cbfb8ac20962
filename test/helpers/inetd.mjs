// One server of the old kind, which talks on its standard input and output: node inetd.mjs <port> <program> <argument…>
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const [, , port, program, ...args] = process.argv;

createServer({ pauseOnConnect: true }, (socket) => {
  socket.on('error', () => {});
  spawn(program, args, { stdio: [socket, socket, 'inherit'] }).on('exit', () => socket.destroy());
}).listen(Number(port), '127.0.0.1');
