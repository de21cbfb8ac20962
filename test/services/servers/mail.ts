import type { Place, RealServer } from '../run-server.ts';

const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;

export const exim: RealServer = {
  package: 'exim4-daemon-light',
  binary: '/usr/sbin/exim4',
  launch: ({ port, dir, certificate }) => ({
    args: ['-C', `${dir}/exim.conf`, '-bdf', '-oX', String(port)],
    before: [
      ['mkdir', `${dir}/spool`],
      ['chown', '-R', 'Debian-exim', `${dir}/spool`, certificate.key],
    ],
    files: {
      'exim.conf': lines(
        'primary_hostname = mail.example',
        'local_interfaces = 127.0.0.1',
        `spool_directory = ${dir}/spool`,
        `log_file_path = ${dir}/spool/%slog`,
        'rfc1413_query_timeout = 0s',
        'host_lookup =',
        'tls_advertise_hosts = *',
        `tls_certificate = ${certificate.cert}`,
        `tls_privatekey = ${certificate.key}`,
        'begin acl',
        'begin routers',
        'begin transports',
      ),
    },
  }),
};

const dovecot = (protocol: 'imap' | 'pop3', listener: string): RealServer => ({
  package: `dovecot-${protocol}d`,
  binary: '/usr/sbin/dovecot',
  launch: ({ port, dir, certificate }: Place) => ({
    args: ['-F', '-c', `${dir}/dovecot.conf`],
    files: {
      'dovecot.conf': lines(
        `base_dir = ${dir}/run`,
        `state_dir = ${dir}/run`,
        `log_path = ${dir}/log`,
        `protocols = ${protocol}`,
        'listen = 127.0.0.1',
        'ssl = yes',
        `ssl_cert = <${certificate.cert}`,
        `ssl_key = <${certificate.key}`,
        'passdb {',
        '  driver = static',
        '  args = nopassword=y',
        '}',
        `service ${protocol}-login {`,
        `  inet_listener ${protocol} {`,
        `    port = ${listener === protocol ? port : 0}`,
        '  }',
        `  inet_listener ${protocol}s {`,
        `    port = ${listener === protocol ? 0 : port}`,
        listener === protocol ? '' : '    ssl = yes',
        '  }',
        '}',
      ),
    },
  }),
});

export const imap = dovecot('imap', 'imap');
export const imaps = dovecot('imap', 'imaps');
export const pop3 = dovecot('pop3', 'pop3');
