import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Place, RealServer } from '../run-server.ts';

/**
 * Servers that Debian does not have. They are started where the folder of `PORTFLEET_SERVERS` has them, which is made by hand
 * and not by CI, since all are only recorded:
 *
 *   python3 -m venv $PORTFLEET_SERVERS/python, and pip install asyncua cpppo python-snap7 … in there
 *   npm install --prefix $PORTFLEET_SERVERS minecraft-protocol …
 *   mvn dependency:copy -Dartifact=com.hazelcast:hazelcast:5.3.8 -DoutputDirectory=$PORTFLEET_SERVERS/java
 */
const FOLDER = process.env['PORTFLEET_SERVERS'] ?? '/opt/portfleet-servers';

function sitePackages(): string {
  const lib = join(FOLDER, 'python/lib');
  const [version = 'python3'] = existsSync(lib) ? readdirSync(lib) : [];
  return join(lib, version, 'site-packages');
}

const inPython = (name: string, module: string, lines: (place: Place) => readonly string[]): RealServer => ({
  package: `${name} of PyPI`,
  binary: join(FOLDER, 'python/bin/python3'),
  needs: join(sitePackages(), module),
  launch: (place) => ({ args: [`${place.dir}/server.py`], files: { 'server.py': `${lines(place).join('\n')}\n` } }),
});

const inNode = (name: string, lines: (place: Place) => readonly string[]): RealServer => ({
  package: `${name} of npm`,
  binary: process.execPath,
  needs: join(FOLDER, 'node_modules', name),
  launch: (place) => ({
    args: [`${place.dir}/server.cjs`],
    env: { NODE_PATH: join(FOLDER, 'node_modules') },
    files: { 'server.cjs': `${lines(place).join('\n')}\n` },
  }),
});

export const pymodbus = inPython('pymodbus', 'pymodbus', ({ port }) => [
  'from pymodbus import ModbusDeviceIdentification',
  'from pymodbus.server import StartTcpServer',
  'from pymodbus.simulator import SimData, SimDevice, DataType',
  'names = ModbusDeviceIdentification(info_name={"VendorName": "Pymodbus", "ProductCode": "PM", "MajorMinorRevision": "3.16"})',
  'device = SimDevice(0, simdata=[SimData(0, values=1, count=10, datatype=DataType.REGISTERS)])',
  `StartTcpServer(device, identity=names, address=('127.0.0.1', ${port}))`,
]);

export const asyncua = inPython('asyncua', 'asyncua', ({ port }) => [
  'import asyncio',
  'from asyncua import Server',
  'async def main():',
  '    server = Server()',
  '    await server.init()',
  `    server.set_endpoint('opc.tcp://127.0.0.1:${port}/')`,
  '    async with server:',
  '        await asyncio.Future()',
  'asyncio.run(main())',
]);

export const cpppo = inPython('cpppo', 'cpppo', ({ port }) => [
  'import sys',
  'from cpppo.server.enip.main import main',
  `sys.exit(main(['--address', '127.0.0.1:${port}', 'LAB=INT[10]']))`,
]);

export const snap7 = inPython('python-snap7', 'snap7', ({ port }) => [
  'import time',
  'from snap7.server import Server',
  'server = Server()',
  `server.start_to('127.0.0.1', ${port}) if hasattr(server, 'start_to') else server.start(${port})`,
  'time.sleep(86400)',
]);

export const impacketRpc = inPython('impacket', 'impacket', ({ port }) => [
  'from impacket.dcerpc.v5.rpcrt import DCERPCServer',
  'server = DCERPCServer()',
  `server.setListenPort(${port})`,
  "server.addCallbacks(('E1AF8308-5D1F-11C9-91A4-08002B14A0FA', '3.0'), '\\\\PIPE\\\\epmapper', {})",
  'server.run()',
]);

export const minecraft = inNode('minecraft-protocol', ({ port }) => [
  `require('minecraft-protocol').createServer({ host: '127.0.0.1', port: ${port}, 'online-mode': false, version: '1.20.1', motd: 'A lab' });`,
]);

export const hazelcast: RealServer = {
  package: 'hazelcast of Maven',
  binary: '/usr/bin/java',
  needs: join(FOLDER, 'java/hazelcast-5.3.8.jar'),
  launch: ({ port, dir }) => ({
    args: [`-Dhazelcast.config=${dir}/lab.xml`, '-Dhazelcast.phone.home.enabled=false'].concat([
      '-cp',
      join(FOLDER, 'java/hazelcast-5.3.8.jar'),
      'com.hazelcast.core.server.HazelcastMemberStarter',
    ]),
    files: {
      'lab.xml': `<hazelcast xmlns="http://www.hazelcast.com/schema/config"><network><port auto-increment="false">${port}</port><join><auto-detection enabled="false"/><multicast enabled="false"/></join><interfaces enabled="true"><interface>127.0.0.1</interface></interfaces></network></hazelcast>\n`,
    },
  }),
};

export const pyro = inPython('Pyro5', 'Pyro5', ({ port }) => [
  'import Pyro5.nameserver',
  `Pyro5.nameserver.start_ns_loop('127.0.0.1', ${port}, enableBroadcast=False)`,
]);

export const dask = inPython('distributed', 'distributed', ({ port }) => [
  'import asyncio',
  'from distributed import Scheduler',
  'async def main():',
  `    async with Scheduler(host='127.0.0.1', port=${port}, dashboard=False) as scheduler:`,
  '        await scheduler.finished()',
  'asyncio.run(main())',
]);

export const supervisor = inPython('supervisor', 'supervisor', ({ port, dir }) => [
  'from supervisor.supervisord import main',
  `open('${dir}/lab.conf', 'w').write('[inet_http_server]\\nport=127.0.0.1:${port}\\n[supervisord]\\nnodaemon=true\\n')`,
  `main(['-c', '${dir}/lab.conf'])`,
]);

export const pypiserver = inPython('pypiserver', 'pypiserver', ({ port, dir }) => [
  'from pypiserver.__main__ import main',
  `main(['run', '-i', '127.0.0.1', '-p', '${port}', '${dir}'])`,
]);
