import type { RealServer } from '../run-server.ts';

const SERVER_XML = (http: number, ajp: number): string =>
  `<Server port="-1"><Service name="Catalina"><Connector port="${http}" address="127.0.0.1" protocol="HTTP/1.1"/><Connector port="${ajp}" address="127.0.0.1" protocol="AJP/1.3" secretRequired="false"/><Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>\n`;

/** HTTP, and AJP on the second port. */
export const tomcat: RealServer = {
  package: 'tomcat10',
  binary: '/usr/bin/java',
  needs: '/usr/share/tomcat10/bin/bootstrap.jar',
  launch: ({ port, second, dir }) => ({
    args: [
      ...['-cp', '/usr/share/tomcat10/bin/bootstrap.jar:/usr/share/tomcat10/bin/tomcat-juli.jar'],
      ...['-Dcatalina.home=/usr/share/tomcat10', `-Dcatalina.base=${dir}`, `-Djava.io.tmpdir=${dir}`],
      ...['org.apache.catalina.startup.Bootstrap', 'start'],
    ],
    before: [['mkdir', '-p', `${dir}/webapps`, `${dir}/logs`, `${dir}/work`]],
    files: { 'conf/server.xml': SERVER_XML(port, second) },
  }),
};

export const jetty: RealServer = {
  package: 'jetty9',
  binary: '/usr/bin/java',
  needs: '/usr/share/jetty9/start.jar',
  launch: ({ port, dir }) => ({
    args: [
      ...['-jar', '/usr/share/jetty9/start.jar', 'jetty.home=/usr/share/jetty9', `jetty.base=${dir}`],
      ...['--module=http', 'jetty.http.host=127.0.0.1', `jetty.http.port=${port}`],
    ],
  }),
};

export const rmiRegistry: RealServer = {
  package: 'default-jdk-headless',
  binary: '/usr/bin/rmiregistry',
  launch: ({ port }) => ({ args: [String(port), '-J-Djava.rmi.server.hostname=127.0.0.1'] }),
};

/** A program that waits for its debugger: whoever attaches runs code. */
export const jdwp: RealServer = {
  package: 'default-jdk-headless',
  binary: '/usr/bin/java',
  launch: ({ port, dir }) => ({
    args: [`-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:${port}`, `${dir}/Wait.java`],
    files: {
      'Wait.java':
        'public class Wait { public static void main(String[] a) throws Exception { Thread.sleep(Long.MAX_VALUE); } }\n',
    },
  }),
};
