import { fileURLToPath } from 'node:url';
import type { RealServer } from '../run-server.ts';

const INETD = fileURLToPath(new URL('../../helpers/inetd.mjs', import.meta.url));

export const openssh: RealServer = {
  package: 'openssh-server',
  binary: '/usr/sbin/sshd',
  launch: ({ port, dir }) => ({
    before: [
      ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${dir}/host_key`],
      ['ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', `${dir}/host_key_rsa`],
      ['mkdir', '-p', '/run/sshd'],
    ],
    args: [
      '-D',
      '-e',
      '-f',
      '/dev/null',
      '-p',
      String(port),
      '-o',
      'ListenAddress=127.0.0.1',
      '-h',
      `${dir}/host_key`,
      '-h',
      `${dir}/host_key_rsa`,
    ],
  }),
};

export const vsftpd: RealServer = {
  package: 'vsftpd',
  binary: '/usr/sbin/vsftpd',
  launch: ({ port, dir, certificate }) => ({
    before: [['mkdir', '-p', `${dir}/empty`]],
    args: [`${dir}/vsftpd.conf`],
    files: {
      'vsftpd.conf': `${[
        'listen=YES',
        'listen_address=127.0.0.1',
        `listen_port=${port}`,
        'background=NO',
        'anonymous_enable=NO',
        'local_enable=YES',
        `secure_chroot_dir=${dir}/empty`,
        'ssl_enable=YES',
        `rsa_cert_file=${certificate.cert}`,
        `rsa_private_key_file=${certificate.key}`,
      ].join('\n')}\n`,
    },
  }),
};

export const rsync: RealServer = {
  package: 'rsync',
  binary: '/usr/bin/rsync',
  launch: ({ port, dir }) => ({
    args: ['--daemon', '--no-detach', '--address=127.0.0.1', `--port=${port}`, `--config=${dir}/rsyncd.conf`],
    files: { 'rsyncd.conf': `use chroot = no\nlog file = ${dir}/log\n` },
  }),
};

export const gitDaemon: RealServer = {
  package: 'git',
  binary: '/usr/bin/git',
  launch: ({ port, dir }) => ({
    args: ['daemon', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${dir}`, '--export-all', dir],
  }),
};

export const samba: RealServer = {
  package: 'samba',
  binary: '/usr/sbin/smbd',
  launch: ({ port, dir }) => ({
    args: ['-F', '--no-process-group', '-p', String(port), '-s', `${dir}/smb.conf`],
    files: {
      'smb.conf': `[global]\n${['private dir', 'lock directory', 'state directory', 'cache directory', 'pid directory']
        .concat('ncalrpc dir')
        .map((name) => `${name} = ${dir}/samba\n`)
        .join('')}interfaces = 127.0.0.1\nbind interfaces only = yes\nlog file = ${dir}/log\n`,
      'samba/.keep': '',
    },
  }),
};

export const xvnc: RealServer = {
  package: 'tigervnc-standalone-server',
  binary: '/usr/bin/Xtigervnc',
  launch: ({ port, dir }) => ({
    args: [
      `:${port}`,
      ...['-rfbport', String(port), '-localhost', '-SecurityTypes', 'VncAuth', '-rfbauth', `${dir}/passwd`],
      ...['-nolisten', 'unix', '-nolisten', 'tcp'],
    ],
    files: { passwd: '12345678' },
  }),
};

export const xrdp: RealServer = {
  package: 'xrdp',
  binary: '/usr/sbin/xrdp',
  launch: ({ port, dir, certificate }) => ({
    args: ['--nodaemon', '--config', `${dir}/xrdp.ini`],
    files: {
      'xrdp.ini': [
        '[Globals]',
        'ini_version=1',
        'fork=true',
        `port=tcp://127.0.0.1:${port}`,
        'security_layer=negotiate',
        `certificate=${certificate.cert}`,
        `key_file=${certificate.key}`,
        'ssl_protocols=TLSv1.2, TLSv1.3',
        '[Logging]',
        `LogFile=${dir}/log`,
        'EnableSyslog=false',
        '',
      ].join('\n'),
    },
  }),
};

export const telnetd: RealServer = {
  package: 'inetutils-telnetd',
  binary: process.execPath,
  needs: '/usr/sbin/telnetd',
  launch: ({ port }) => ({ args: [INETD, String(port), '/usr/sbin/telnetd'] }),
};

/** A display is a port from 6000 on. */
export const xvfb: RealServer = {
  package: 'xvfb',
  binary: '/usr/bin/Xvfb',
  launch: ({ port }) => ({ args: [`:${port - 6000}`, '-listen', 'tcp', '-nolisten', 'unix', '-nolisten', 'local'] }),
};
