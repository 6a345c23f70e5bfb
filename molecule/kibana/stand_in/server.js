// Stands in for Kibana and OpenSearch Dashboards, where these cannot be had: node server.js CONFIG_DIR
// Reads the settings file and the keystore as they do, serves /api/status over what server.* says, and asks the search engine as what
// elasticsearch.* (opensearch.*) says. Logs no secret. What it does not do: everything else of a Kibana.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');
const yaml = require('js-yaml');

const directory = process.argv[2];
const dashboards = fs.existsSync(path.join(directory, 'opensearch_dashboards.yml'));
// Dashboards asks by the client of OpenSearch; where that is not installed, the search engine is Elasticsearch.
const own = dashboards && fs.existsSync(path.join(__dirname, 'node_modules/@opensearch-project'));
const { Client, HttpConnection } = require(own ? '@opensearch-project/opensearch' : '@elastic/elasticsearch');
const prefix = dashboards ? 'opensearch' : 'elasticsearch';
const names = dashboards ? ['opensearch_dashboards.yml', 'opensearch_dashboards.keystore'] : ['kibana.yml', 'kibana.keystore'];

function flat(value, name, found) {
  for (const [key, inner] of Object.entries(value || {})) {
    const full = name ? `${name}.${key}` : key;
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner)) flat(inner, full, found);
    else found[full] = inner;
  }
  return found;
}

// src/cli/keystore/lib/keystore.ts
function keystore(file, password = '') {
  if (!fs.existsSync(file)) return {};
  const data = Buffer.from(fs.readFileSync(file, 'utf8').split(':')[1], 'base64');
  const [salt, iv, tag, text] = [data.subarray(0, 64), data.subarray(64, 76), data.subarray(76, 92), data.subarray(92)];
  const key = crypto.pbkdf2Sync(password, salt, 10000, 32, 'sha512');
  const decipher = crypto.createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAuthTag(tag);
  return JSON.parse(decipher.update(text, undefined, 'utf8') + decipher.final('utf8'));
}

function settings() {
  const own = flat(yaml.load(fs.readFileSync(path.join(directory, names[0]), 'utf8')), '', {});
  return { ...own, ...keystore(path.join(directory, names[1])) };
}

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const read = (file) => fs.readFileSync(file);

function serverTls(config) {
  const order = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'].filter((one) => list(config['server.ssl.supportedProtocols']).includes(one));
  return {
    cert: read(config['server.ssl.certificate']),
    key: read(config['server.ssl.key']),
    minVersion: order[0],
    maxVersion: order[order.length - 1],
    ciphers: config['server.ssl.cipherSuites'] && list(config['server.ssl.cipherSuites']).join(':'),
    ca: list(config['server.ssl.certificateAuthorities']).map(read),
    requestCert: ['optional', 'required'].includes(config['server.ssl.clientAuthentication']),
    rejectUnauthorized: config['server.ssl.clientAuthentication'] === 'required',
  };
}

function searchEngine(config) {
  const of = (name) => config[`${prefix}.${name}`];
  if (of('username') === 'elastic') throw new Error(`${prefix}.username must not be elastic`);
  if (of('serviceAccountToken') && of('username')) throw new Error('a token and a username exclude each other');
  const mode = of('ssl.verificationMode') || 'full';
  const tls = { rejectUnauthorized: mode !== 'none' };
  if (of('ssl.certificateAuthorities')) tls.ca = list(of('ssl.certificateAuthorities')).map(read);
  if (mode === 'certificate') tls.checkServerIdentity = () => undefined;
  if (of('ssl.certificate') && of('ssl.key')) Object.assign(tls, { cert: read(of('ssl.certificate')), key: read(of('ssl.key')) });
  const auth = of('serviceAccountToken') ? { bearer: of('serviceAccountToken') }
    : of('username') ? { username: of('username'), password: String(of('password')) } : undefined;
  const how = own ? { ssl: tls } : { tls, Connection: HttpConnection };
  return new Client({ nodes: list(of('hosts')), auth, maxRetries: 0, requestTimeout: 5000, ...how });
}

const config = settings();
for (const name of ['xpack.security.encryptionKey', 'xpack.encryptedSavedObjects.encryptionKey']) {
  if (config[name] !== undefined && String(config[name]).length < 32) throw new Error(`${name} is too short`);
}
const client = searchEngine(config);

async function whoAmI() {
  if (!own) return (await client.security.authenticate()).username;
  return (await client.transport.request({ method: 'GET', path: '/_plugins/_security/authinfo' })).body.user_name;
}

async function answer(request, response) {
  if (request.url !== '/api/status') return response.writeHead(404).end();
  let level = 'available';
  let summary = 'all services are available';
  try {
    summary = await whoAmI();
  } catch (error) {
    level = 'unavailable';
    summary = `${error.name}: ${error.statusCode || error.message}`;
  }
  const body = { name: 'stand-in', status: { overall: { level, summary } } };
  response.writeHead(level === 'available' ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const speaksTls = config['server.ssl.enabled'] === true;
const server = speaksTls ? https.createServer(serverTls(config), answer) : http.createServer(answer);
server.listen(config['server.port'], config['server.host'], () => console.log(`listening with${speaksTls ? '' : 'out'} TLS`));
process.on('SIGHUP', () => {
  if (speaksTls) server.setSecureContext(serverTls(settings()));
  console.log('read server.ssl anew');
});
process.on('SIGTERM', () => process.exit(0));
