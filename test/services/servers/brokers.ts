import { NOBODY, type RealServer } from '../run-server.ts';

export const mosquitto: RealServer = {
  package: 'mosquitto',
  binary: '/usr/sbin/mosquitto',
  launch: ({ port, dir }) => ({
    args: ['-c', `${dir}/mosquitto.conf`],
    files: { 'mosquitto.conf': `listener ${port} 127.0.0.1\nallow_anonymous false\nuser root\n` },
  }),
};

export const mosquittoTls: RealServer = {
  ...mosquitto,
  launch: ({ port, dir, certificate: { cert, key } }) => ({
    args: ['-c', `${dir}/mosquitto.conf`],
    files: {
      'mosquitto.conf': `listener ${port} 127.0.0.1\ncertfile ${cert}\nkeyfile ${key}\nallow_anonymous false\nuser root\n`,
    },
  }),
};

export const rabbitmq: RealServer = {
  package: 'rabbitmq-server',
  binary: '/usr/lib/rabbitmq/bin/rabbitmq-server',
  launch: ({ port, second, third, dir }) => ({
    user: NOBODY,
    args: [],
    // Erlang's port mapper goes on in the background, for whoever comes next.
    after: [['epmd', '-port', String(third), '-kill']],
    env: {
      RABBITMQ_NODENAME: `portfleet-${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(second),
      RABBITMQ_MNESIA_BASE: `${dir}/mnesia`,
      RABBITMQ_LOG_BASE: `${dir}/log`,
      RABBITMQ_ENABLED_PLUGINS_FILE: `${dir}/plugins`,
      RABBITMQ_CONFIG_FILE: `${dir}/rabbitmq`,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: String(third),
    },
    files: { plugins: '[].\n' },
  }),
};
