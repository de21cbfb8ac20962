import type { HttpResponse } from './http-response.ts';
import { httpGet } from './http-response.ts';
import type { Question } from './matcher.ts';

/** Where an answer says what made it. `header:` is followed by a name in lower case. */
type Place = 'server' | 'title' | 'body' | 'cookie' | 'reason' | 'realm' | 'location' | `header:${string}`;

/** What one place of an answer says of the product; group 1 of the pattern is the version. */
interface HttpProduct {
  readonly place: Place;
  readonly pattern: RegExp;
  readonly product: string;
  /** Where the words are specified, or which program's source says them. */
  readonly source: string;
  /** The service, where it is more than a web server. */
  readonly name?: string;
  /** Told only where the Server header tells nothing: what the page is made with, rather than who serves it. */
  readonly behind?: true;
  /** What to fetch for the version. */
  readonly next?: Question;
  readonly os?: string;
  readonly deviceType?: string;
}

const row = (
  place: Place,
  pattern: RegExp,
  product: string,
  source: string,
  more: Partial<HttpProduct> = {},
): HttpProduct => ({
  place,
  pattern,
  product,
  source,
  ...more,
});

/** Fetched for its version alone; the name says that the answer is no page (see `http`). */
const get = (path: string): Question => httpGet(`http ${path}`, path);

const ROUTER = { deviceType: 'router' };
const CAMERA = { deviceType: 'webcam' };
const PRINTER = { deviceType: 'printer' };
const STORAGE = { deviceType: 'storage-misc' };

const V = String.raw`v?(\d[\w.+~-]{0,40})`;
const v = (before: string, after = ''): RegExp => new RegExp(`${before}${V}${after}`, 'i');

/** The first row that fits counts. */
export const HTTP_PRODUCTS: readonly HttpProduct[] = [
  // Caches and proxies before what they stand in front of
  row('header:via', v(String.raw`\(Varnish(?: Cache)?\/`, String.raw`\)`), 'Varnish', 'varnishd, VCL builtin: Via'),
  row('header:x-varnish', /^\d+(?: \d+)?$/, 'Varnish', 'vcl(7), X-Varnish'),
  row('reason', /^Invalid header received from client/, 'Privoxy', 'privoxy jcc.c, HEADER'),
  row('server', /^Privoxy/, 'Privoxy', 'privoxy jcc.c'),
  row('body', /HAProxy version (\d[\w.-]{0,20})/, 'HAProxy', 'haproxy src/stats.c'),
  row('title', /^Statistics Report for HAProxy/, 'HAProxy', 'haproxy src/stats.c', {
    // The version stands behind 4 KB of style.
    next: httpGet('http statistics', '/', 16_384),
  }),
  row(
    'body',
    /^<html><body><h1>400 Bad request<\/h1>\n?Your browser sent an invalid request\.\n<\/body>/,
    'HAProxy',
    'haproxy src/http.c, http_err_msgs',
  ),
  row(
    'body',
    /^<html><body><h1>503 Service Unavailable<\/h1>\nNo server is available to handle this request\.\n<\/body>/,
    'HAProxy',
    'haproxy src/http.c, http_err_msgs',
  ),
  row('server', v('^TinyProxy/'), 'tinyproxy', 'tinyproxy src/html-error.c'),
  row('header:x-squid-error', /./, 'squid', 'squid errorpage.cc'),
  row('server', v('^envoy'), 'Envoy', 'envoy documentation, server_name'),
  row('server', /^envoy$/, 'Envoy', 'envoy documentation, server_name'),
  row('header:x-kong-response-latency', /./, 'Kong', 'Kong documentation, headers'),
  row('header:x-amz-cf-id', /./, 'Amazon CloudFront', 'CloudFront developer guide, response headers'),
  row('header:cf-ray', /./, 'Cloudflare', 'Cloudflare fundamentals, HTTP headers'),
  // Consoles and APIs that name themselves in a header
  row('header:x-syncthing-version', v('^'), 'Syncthing', 'syncthing lib/api/api.go'),
  row('header:x-influxdb-version', v('^'), 'InfluxDB', 'influxdb services/httpd/handler.go'),
  row('header:x-influxdb-build', /./, 'InfluxDB', 'influxdb services/httpd/handler.go'),
  row('header:x-jenkins', v('^'), 'Jenkins', 'Jenkins remote access API'),
  row(
    'header:docker-distribution-api-version',
    /^registry\//,
    'Docker Registry',
    'Distribution API specification, API version check',
  ),
  row('header:x-nsq-content-type', /./, 'nsqd', 'nsq internal/http_api', { next: get('/info') }),
  row('header:x-elastic-product', /Elasticsearch/, 'Elasticsearch', 'Elasticsearch REST API conventions'),
  row('header:kbn-name', /./, 'Kibana', 'Kibana server, kbn-name header'),
  row('header:kbn-version', v('^'), 'Kibana', 'Kibana server, kbn-version header'),
  row('header:x-vault-hostname', /./, 'HashiCorp Vault', 'Vault API documentation'),
  row('header:x-consul-index', /./, 'HashiCorp Consul', 'Consul HTTP API'),
  row('header:x-nomad-index', /./, 'HashiCorp Nomad', 'Nomad HTTP API'),
  row('header:x-clickhouse-summary', /./, 'ClickHouse', 'ClickHouse HTTP interface'),
  row('body', /Port \d+ is for clickhouse-client program/, 'ClickHouse', 'clickhouse TCPHandler.cpp', {
    name: 'clickhouse',
  }),
  row('header:x-clickhouse-server-display-name', /./, 'ClickHouse', 'ClickHouse HTTP interface'),
  row('header:x-confluence-request-time', /./, 'Atlassian Confluence', 'Confluence response headers'),
  row('header:x-arequestid', /./, 'Atlassian Jira', 'Jira response headers'),
  row('header:x-gitlab-meta', /./, 'GitLab', 'GitLab response headers'),
  row('cookie', /^_gitlab_session$/, 'GitLab', 'GitLab session_store.rb'),
  row('header:x-drupal-cache', /./, 'Drupal', 'Drupal page cache', { behind: true }),
  row('header:x-generator', v('^Drupal '), 'Drupal', 'Drupal system module', { behind: true }),
  row('header:x-pingback', /xmlrpc\.php/, 'WordPress', 'WordPress pingback', { behind: true }),
  row('header:x-plex-protocol', /./, 'Plex Media Server', 'Plex API, X-Plex-Protocol'),
  row('header:x-emby-server-version', v('^'), 'Emby', 'Emby REST API'),
  row('header:x-transmission-session-id', /./, 'Transmission', 'Transmission RPC specification, section 2.3.1'),
  row('server', /^Transmission$/, 'Transmission', 'libtransmission/rpc-server.c'),
  row('header:x-couchdb-body-time', /./, 'CouchDB', 'CouchDB HTTP API'),
  row('server', v('^CouchDB/'), 'CouchDB', 'CouchDB HTTP API'),
  row('header:x-fireeye', /./, 'FireEye', 'FireEye appliance headers'),
  row('header:x-transcend-version', /./, 'OpenConnect VPN server', 'ocserv worker-http-handlers.c (AnyConnect)'),
  row('cookie', /^webvpn(?:context|login|_as|c)$/, 'Cisco AnyConnect VPN', 'Cisco ASA WebVPN cookies'),
  row('header:x-owa-version', v('^'), 'Microsoft Exchange', 'Outlook Web App, X-OWA-Version', { os: 'Windows' }),
  row('header:microsoftsharepointteamservices', v('^'), 'Microsoft SharePoint', 'MS-WSSHP, section 2.2', {
    os: 'Windows',
  }),
  row('header:x-aspnet-version', v('^'), 'ASP.NET', 'ASP.NET httpRuntime, enableVersionHeader', {
    behind: true,
    os: 'Windows',
  }),
  row('header:dav', /calendar-access/, 'CalDAV server', 'RFC 4791, section 5.1', { behind: true }),
  row('header:x-minio-deployment-id', /./, 'MinIO', 'MinIO server headers'),
  row('server', /^MinIO/, 'MinIO', 'MinIO server headers'),
  row('header:x-argo-cd-version', v('^'), 'Argo CD', 'Argo CD server headers'),
  row('header:x-rundeck-version', v('^'), 'Rundeck', 'Rundeck API'),
  row('header:x-sonatype-nexus', /./, 'Sonatype Nexus', 'Nexus headers'),
  row('server', v('^Nexus/'), 'Sonatype Nexus', 'Nexus headers'),
  row('header:x-artifactory-id', /./, 'JFrog Artifactory', 'Artifactory REST API'),
  row('server', v('^Artifactory/'), 'JFrog Artifactory', 'Artifactory REST API'),
  row('header:x-gitea-version', v('^'), 'Gitea', 'Gitea headers'),
  row('cookie', /^i_like_gitea$/, 'Gitea', 'Gitea configuration, session cookie'),
  row('cookie', /^i_like_gogs$/, 'Gogs', 'Gogs configuration, session cookie'),
  row('cookie', /^grafana_sess/, 'Grafana', 'Grafana configuration'),
  row('cookie', /^CSRF-Token-[0-9A-Z]{5,8}$/, 'Syncthing', 'syncthing lib/api/api_csrf.go'),
  row('cookie', /^zbx_session$/, 'Zabbix', 'Zabbix frontend'),
  row('cookie', /^phpMyAdmin/, 'phpMyAdmin', 'phpMyAdmin session names', { behind: true }),
  row('cookie', /^pma_lang/, 'phpMyAdmin', 'phpMyAdmin cookies', { behind: true }),
  row('cookie', /^BIGipServer/, 'F5 BIG-IP', 'F5 K6917, persistence cookies', { deviceType: 'load balancer' }),
  row('cookie', /^MRHSession$/, 'F5 BIG-IP', 'F5 Access Policy Manager', { deviceType: 'load balancer' }),
  row('cookie', /^SVPNCOOKIE$/, 'Fortinet FortiGate', 'FortiOS SSL VPN', { deviceType: 'firewall' }),
  row('cookie', /^NSC_AAAC$/, 'Citrix NetScaler', 'Citrix Gateway cookies'),
  row('cookie', /^vmware_client$|^vmware_soap_session$/, 'VMware vSphere', 'vSphere web services'),
  // Pages
  row('title', /^Docker Registry/, 'Docker Registry', 'docker-registry'),
  row('title', /^Apache Tomcat\/(\d[\w.-]{0,20})/, 'Apache Tomcat', 'tomcat webapps/ROOT'),
  row('body', /<h3>Apache Tomcat\/(\d[\w.-]{0,20})/, 'Apache Tomcat', 'tomcat ErrorReportValve.java'),
  row(
    'body',
    /<title>HTTP Status \d{3} \u2013 [^<]{1,60}<\/title><style type="text\/css">body \{font-family:Tahoma/,
    'Apache Tomcat',
    'tomcat ErrorReportValve.java',
  ),
  row('body', /Powered by (?:<a [^>]{0,100}>)?Jetty:\/\/ ?(\d[\w.-]{0,20})?/, 'Jetty', 'jetty ErrorHandler.java'),
  row('title', /^Alertmanager$/, 'Prometheus Alertmanager', 'alertmanager ui/app', { next: get('/api/v2/status') }),
  row('location', /^(?:\/classic)?\/(?:graph|query)$/, 'Prometheus', 'prometheus web/web.go', {
    name: 'http',
    next: get('/api/v1/status/buildinfo'),
  }),
  row('title', /^Prometheus Time Series/, 'Prometheus', 'prometheus web/ui', { next: get('/api/v1/status/buildinfo') }),
  row('title', /^Prometheus Pushgateway/, 'Prometheus Pushgateway', 'pushgateway', { next: get('/api/v1/status') }),
  row('reason', /^Script output follows/, 'Mercurial', 'mercurial hgweb/common.py'),
  row('title', /^Radicale Web Interface/, 'Radicale', 'radicale web/internal_data'),
  row('location', /^\/\.web\/?$/, 'Radicale', 'radicale app/get.py'),
  row('location', /^\/mopidy\/$/, 'Mopidy', 'mopidy http/handlers.py'),
  row('title', /^Supervisor Status$/, 'Supervisor', 'supervisor ui/status.html'),
  row('title', /^Shell In A Box$/, 'Shell In A Box', 'shellinabox root_page.html'),
  row('title', /^Not Found or APT Reconfiguration required$/, 'Apt-Cacher NG', 'apt-cacher-ng conf/userinfo.html'),
  row('title', /^Verdaccio$/, 'Verdaccio', 'verdaccio ui-theme'),
  row('title', /^Welcome to pypiserver!$/, 'pypiserver', 'pypiserver welcome.html'),
  row('title', /^JSON Server$/, 'JSON Server', 'json-server public/index.html'),
  row('title', /^Jupyter (?:Server|Notebook|Lab)|^JupyterLab/, 'Jupyter Server', 'jupyter_server templates', {
    next: get('/api'),
  }),
  row(
    'location',
    /^\/(?:tree|lab)\??$|^\/login\?next=%2F(?:tree|lab|api)?/,
    'Jupyter Server',
    'jupyter_server handlers',
    { next: get('/api') },
  ),
  row('title', /^H2 Console$/, 'H2 database console', 'h2 server/web/res'),
  row('body', /location ?= ?'login\.jsp\?jsessionid=/, 'H2 database console', 'h2 server/web/res/index.jsp'),
  row(
    'body',
    /Sorry, remote connections \('webAllowOthers'\) are disabled/,
    'H2 database console',
    'h2 server/web/res',
  ),
  row(
    'body',
    /https:\/\/nats\.io\/favicon\.ico|nats-server|<a href=\.?\/?varz>/,
    'NATS server',
    'nats-server server/monitor.go',
    { next: get('/varz') },
  ),
  row('body', /^WebSockets request was expected/, 'Node.js inspector', 'node src/inspector_socket.cc', {
    name: 'http',
    next: get('/json/version'),
  }),
  row('title', /^Grafana$/, 'Grafana', 'Grafana public/views', { next: get('/api/health') }),
  row('location', /^\/login$/, 'Grafana', 'Grafana, appSubUrl/login', { behind: true, next: get('/api/health') }),
  row('title', /^Kibana|^Elastic$/, 'Kibana', 'Kibana'),
  row('title', /^Consul by HashiCorp/, 'HashiCorp Consul', 'Consul UI', { next: get('/v1/agent/self') }),
  row('location', /^\/ui\/$/, 'HashiCorp Consul', 'Consul or Vault UI', { behind: true }),
  row('title', /^Vault$/, 'HashiCorp Vault', 'Vault UI', { next: get('/v1/sys/health') }),
  row('title', /^Nomad$/, 'HashiCorp Nomad', 'Nomad UI'),
  row('title', /^RabbitMQ Management/, 'RabbitMQ', 'rabbitmq_management'),
  row('title', /^Apache ActiveMQ/, 'Apache ActiveMQ', 'activemq web console'),
  row('realm', /^ActiveMQRealm$/, 'Apache ActiveMQ', 'activemq conf/jetty.xml'),
  row('title', /^Solr Admin/, 'Apache Solr', 'Solr admin UI'),
  row('location', /^\/solr\/$/, 'Apache Solr', 'Solr'),
  row('title', /^Traefik/, 'Traefik', 'Traefik dashboard'),
  row('title', /^Portainer$/, 'Portainer', 'Portainer', { next: get('/api/status') }),
  row('title', /^Rancher$/, 'Rancher', 'Rancher'),
  row('title', /^Kubernetes Dashboard/, 'Kubernetes Dashboard', 'Kubernetes Dashboard'),
  row('title', /^phpMyAdmin/, 'phpMyAdmin', 'phpMyAdmin', { behind: true }),
  row('title', /^Adminer|^Login - Adminer/, 'Adminer', 'Adminer', { behind: true }),
  row('title', /^pgAdmin 4/, 'pgAdmin', 'pgAdmin 4'),
  row('title', /^Mongo Express/, 'Mongo Express', 'mongo-express'),
  row('title', /^Neo4j Browser/, 'Neo4j', 'Neo4j Browser'),
  row('body', /"neo4j_version" ?: ?"(\d[\w.]{0,20})"/, 'Neo4j', 'Neo4j discovery API'),
  row('title', /^RethinkDB Administration Console/, 'RethinkDB', 'RethinkDB admin'),
  row('title', /^nsqd|^nsqadmin/, 'nsqadmin', 'nsqadmin'),
  row('title', /^Zipkin|^Jaeger UI/, 'Jaeger', 'Jaeger UI'),
  row('title', /^SonarQube/, 'SonarQube', 'SonarQube'),
  row('title', /^Home Assistant/, 'Home Assistant', 'Home Assistant frontend'),
  row('title', /^Node-RED/, 'Node-RED', 'Node-RED editor'),
  row('title', /^OctoPrint/, 'OctoPrint', 'OctoPrint'),
  row('title', /^Pi-hole/, 'Pi-hole', 'Pi-hole admin', { behind: true }),
  row('title', /^AdGuard Home/, 'AdGuard Home', 'AdGuard Home'),
  row('title', /^Nextcloud/, 'Nextcloud', 'Nextcloud', { behind: true }),
  row('title', /^ownCloud/, 'ownCloud', 'ownCloud', { behind: true }),
  row('title', /^(?:Sign in|Login) - Proxmox|Proxmox Virtual Environment/, 'Proxmox VE', 'pve-manager'),
  row('server', /^pve-api-daemon\/(\d[\w.]{0,20})/, 'Proxmox VE', 'pve-http-server'),
  row('title', /^Cockpit$|^Loading\.\.\.$/, 'Cockpit', 'cockpit login page', { behind: true }),
  row('server', v('^MiniServ/'), 'Webmin', 'webmin miniserv.pl'),
  row('title', /^Login to Webmin/, 'Webmin', 'webmin'),
  row('title', /^Zabbix/, 'Zabbix', 'Zabbix frontend', { behind: true }),
  row('title', /^Nagios(?: Core| XI)?/, 'Nagios', 'Nagios', { behind: true }),
  row('realm', /^Nagios (?:Access|Core)/, 'Nagios', 'Nagios', { behind: true }),
  row('title', /^qBittorrent/, 'qBittorrent', 'qBittorrent Web UI'),
  row('title', /^Deluge(?: Web UI|: Web UI)/, 'Deluge Web UI', 'deluge-web'),
  row('title', /^SABnzbd|^Sonarr|^Radarr|^Jackett|^Prowlarr|^Lidarr/, 'Servarr', 'Servarr applications', {
    behind: true,
  }),
  row('title', /^Jellyfin/, 'Jellyfin', 'Jellyfin web'),
  row('title', /^MinIO (?:Console|Browser)/, 'MinIO', 'MinIO Console'),
  row('title', /^Swagger UI/, 'Swagger UI', 'Swagger UI', { behind: true }),
  row('title', /^Flower$/, 'Celery Flower', 'Flower'),
  row('title', /^Airflow/, 'Apache Airflow', 'Airflow'),
  row('title', /^Spark (?:Master|Worker|shell)|^History Server/, 'Apache Spark', 'Spark web UI'),
  row('title', /^Apache Flink/, 'Apache Flink', 'Flink dashboard'),
  row(
    'body',
    /It looks like you are making an HTTP request to a Hadoop IPC port/,
    'Apache Hadoop',
    'hadoop Server.java',
    { name: 'hadoop-ipc' },
  ),
  row('title', /^Namenode information|^Hadoop Administration/, 'Apache Hadoop', 'Hadoop web UI'),
  row('title', /^HBase (?:Master|Region)/, 'Apache HBase', 'HBase web UI'),
  row('title', /^Ceph Dashboard|^Ceph$/, 'Ceph Dashboard', 'Ceph'),
  row('title', /^WildFly|^Welcome to WildFly|^Welcome to JBoss/, 'WildFly', 'WildFly welcome-content'),
  row('title', /^GlassFish Server/, 'GlassFish', 'GlassFish'),
  row('body', /"couchdb" ?: ?"Welcome","version" ?: ?"(\d[\w.]{0,20})"/, 'CouchDB', 'CouchDB HTTP API'),
  row(
    'body',
    /^\{"status":"UP"|"_links":\{"self":\{"href":"[^"]{1,100}\/actuator/,
    'Spring Boot Actuator',
    'Spring Boot Actuator API',
    { behind: true },
  ),
  row('body', /Whitelabel Error Page/, 'Spring Boot', 'Spring Boot ErrorMvcAutoConfiguration', { behind: true }),
  row('title', /^Prosody is running/, 'Prosody', 'prosody mod_http.lua'),
  row('server', /^Prosody|^Bosh/, 'Prosody', 'prosody net/http/server.lua'),
  row(
    'body',
    /<p>(?:It works! Now point your BOSH client|Unknown host: )|<h1>(?:Prosody|Welcome to the XMPP server)|<p class="(?:warning|extra)">[^<]{0,60}<\/p>/,
    'Prosody',
    'prosody http_errors.lua',
  ),
  row(
    'body',
    /font-family: "?Open Sans"?[\s\S]{0,2000}<h1>404 Not Found<\/h1>/,
    'Prosody',
    'prosody mod_http_errors.lua',
  ),
  row('header:x-bosh-server', /ejabberd/, 'ejabberd', 'ejabberd mod_bosh'),
  row('realm', /^monit$/, 'Monit', 'monit cervlet.c'),
  row('title', /^OPNsense|^Login \| OPNsense/, 'OPNsense', 'OPNsense', ROUTER),
  row('title', /^pfSense/, 'pfSense', 'pfSense', ROUTER),
  row(
    'title',
    /^RouterOS(?: router configuration page)?(?: v(\d[\w.]{0,10}))?/,
    'MikroTik RouterOS',
    'RouterOS WebFig',
    ROUTER,
  ),
  row('title', /^LuCI|OpenWrt/, 'OpenWrt LuCI', 'LuCI', ROUTER),
  row('title', /^DD-WRT/, 'DD-WRT', 'DD-WRT', ROUTER),
  row('title', /^FRITZ!Box/, 'AVM FRITZ!Box', 'FRITZ!OS', ROUTER),
  row('title', /^UniFi(?: Network| OS)?/, 'Ubiquiti UniFi', 'UniFi', ROUTER),
  row(
    'realm',
    /^(?:TP-LINK|NETGEAR|Linksys|DSL Router|ASUS|D-Link|DIR-\d+|RT-\w+)/i,
    'home router',
    'vendors’ manuals: the realm of the console',
    ROUTER,
  ),
  row('title', /^Synology|Synology DiskStation|^DiskStation/, 'Synology DSM', 'Synology DSM', STORAGE),
  row('title', /^QNAP|^QTS/, 'QNAP QTS', 'QNAP QTS', STORAGE),
  row('title', /^TrueNAS|^FreeNAS/, 'TrueNAS', 'TrueNAS', STORAGE),
  row('title', /^VMware ESXi|^"? ?\+ ID_EESX_Welcome/, 'VMware ESXi', 'ESXi host client'),
  row('title', /^(?:iLO|Integrated Lights-Out)/, 'HP Integrated Lights-Out', 'HPE iLO', {
    deviceType: 'remote management',
  }),
  row('title', /^(?:iDRAC|Integrated Dell Remote Access)/, 'Dell iDRAC', 'Dell iDRAC', {
    deviceType: 'remote management',
  }),
  row('server', /^(?:App-webs|DNVRS-Webs|Hikvision-Webs)/, 'Hikvision', 'Hikvision cameras, Server header', CAMERA),
  row('title', /^(?:AXIS|Live view - AXIS)/i, 'AXIS camera', 'AXIS VAPIX', CAMERA),
  row('realm', /^AXIS_[0-9A-F]{12}/, 'AXIS camera', 'AXIS VAPIX', CAMERA),
  row(
    'title',
    /^(?:IPCamera|Network Camera|NETSurveillance WEB|WEB SERVICE)/i,
    'network camera',
    'vendors’ manuals',
    CAMERA,
  ),
  row('server', v('^(?:HP HTTP Server; |HP-ChaiSOE/)'), 'HP printer', 'HP Embedded Web Server', PRINTER),
  row('server', /^(?:HP HTTP Server|Virata-EmWeb)/, 'HP printer', 'HP Embedded Web Server', PRINTER),
  row(
    'server',
    /^(?:EPSON_Linux|EPSON-HTTP|debut\/|KM-MFP-http|Canon Http Server|CANON HTTP)/,
    'network printer',
    'vendors’ manuals: the Server header',
    PRINTER,
  ),
  // What the page is made with
  row('header:x-powered-by', /^Express$/, 'Express', 'Express documentation, x-powered-by', { behind: true }),
  row('header:x-powered-by', v('^PHP/'), 'PHP', 'php.ini, expose_php', { behind: true }),
  row('header:x-powered-by', /^Next\.js(?: (\d[\w.]{0,20}))?/, 'Next.js', 'Next.js, poweredByHeader', { behind: true }),
  row('header:x-powered-by', /^Servlet\/\d[\w.]{0,10}/, 'Java servlet container', 'Jakarta Servlet, X-Powered-By', {
    behind: true,
  }),
  row('header:x-powered-by', /^ASP\.NET/, 'ASP.NET', 'IIS default headers', { behind: true, os: 'Windows' }),
  row(
    'header:x-powered-by',
    /^Phusion Passenger[^\d]{0,20}(\d[\w.]{0,20})?/,
    'Phusion Passenger',
    'Passenger documentation',
    { behind: true },
  ),
  row('cookie', /^JSESSIONID$/, 'Java servlet container', 'Jakarta Servlet, section 7.1.1', { behind: true }),
  row('cookie', /^PHPSESSID$/, 'PHP', 'PHP session.name', { behind: true }),
  row('cookie', /^laravel_session$/, 'Laravel', 'Laravel config/session.php', { behind: true }),
  row('cookie', /^connect\.sid$/, 'Express', 'express-session', { behind: true }),
  row(
    'body',
    /Microsoft-HTTPAPI|<TITLE>Not Found<\/TITLE><\/HEAD>[\s\S]{0,60}<h2>Not Found<\/h2>\s*<hr><p>HTTP Error 404\. The requested resource is not found/i,
    'Microsoft HTTPAPI',
    'http.sys',
    { behind: true, os: 'Windows' },
  ),
];

/** What the table says of an answer: the first row that fits, and the version that its pattern caught. */
export function httpProduct(response: HttpResponse): { readonly row: HttpProduct; readonly version?: string } | null {
  for (const each of HTTP_PRODUCTS) {
    if (each.behind && response.headers.has('server')) continue;
    for (const text of textsAt(each.place, response)) {
      const found = each.pattern.exec(text);
      if (found !== null) return { row: each, ...(found[1] !== undefined && { version: found[1] }) };
    }
  }
  return null;
}

function textsAt(place: Place, response: HttpResponse): readonly string[] {
  const { headers, body, reason, cookies } = response;
  const present = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text]);
  if (place.startsWith('header:')) return present(headers.get(place.slice('header:'.length)));
  switch (place) {
    case 'title':
      return present(titleOf(response));
    case 'body':
      return [body];
    case 'cookie':
      return cookies;
    case 'reason':
      return [reason];
    case 'realm':
      return present(realmOf(response));
    default:
      return present(headers.get(place));
  }
}

const TITLE = /<title[^>]{0,100}>\s*([^<]{1,200})/i;

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" } as const;

export const titleOf = ({ body }: HttpResponse): string | undefined =>
  TITLE.exec(body)?.[1]
    ?.trim()
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name]);

export const realmOf = ({ headers }: HttpResponse): string | undefined =>
  /\brealm="?([^",]{1,100})/i.exec(headers.get('www-authenticate') ?? '')?.[1];
