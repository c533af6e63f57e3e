// npm's oidc-provider as an authorization server: `node provider.mjs FILE`, where FILE holds its
// clients as JSON. It says where it listens. With `tls` (`key`, `cert` and `ca`, in PEM) it is https,
// asks its clients for certificates, and has an API under /api.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Provider, { errors } from 'oidc-provider';
import { resource } from './resource.mjs';

const { clients, tls } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const server = tls
  ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false })
  : createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const issuer = tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  const oidc = new Provider(issuer, configuration);
  oidc.registerGrantType(EXCHANGE, exchange(oidc), ['subject_token', 'subject_token_type']);
  const provider = oidc.callback();
  const api = resource(issuer);
  server.on('request', (request, response) => {
    const serve = request.url.startsWith('/api') ? api : provider;
    serve(request, response);
  });
  console.log(`oidc-provider listens on ${issuer}`);
});

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

// Gives a client a token of its own for one that this server granted to another (RFC 8693).
const exchange = (provider) => async (ctx) => {
  const { subject_token: token, subject_token_type: kind } = ctx.oidc.params;
  if (kind !== ACCESS_TOKEN) throw new errors.InvalidRequest(`no ${kind} is exchanged`);
  if (!(await provider.ClientCredentials.find(token))) throw new errors.InvalidRequest('unknown');
  const { client } = ctx.oidc;
  const granted = new provider.ClientCredentials({ client, scope: 'write' });
  ctx.body = {
    access_token: await granted.save(),
    issued_token_type: ACCESS_TOKEN,
    token_type: granted.tokenType,
    expires_in: granted.expiration,
  };
};

// What node knows of the connection's other end.
const certificate = (context) => context.socket.getPeerX509Certificate?.();

const mTLS = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: certificate,
  certificateAuthorized: (context) => context.socket.authorized,
  certificateSubjectMatches: (context, property, expected) =>
    property === 'tls_client_auth_subject_dn' && certificate(context).subject === expected,
};

const configuration = {
  clients: clients.map((client) => ({
    grant_types: ['client_credentials', EXCHANGE],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'private_key_jwt',
    ...client,
  })),
  scopes: ['read', 'write'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    // A client whose id says so is asked for a nonce.
    dPoP: {
      nonceSecret: randomBytes(32),
      requireNonce: ({ oidc }) => Boolean(oidc.client?.clientId.startsWith('nonce')),
    },
    ...(tls && { mTLS }),
    introspection: { enabled: true },
    revocation: { enabled: true },
    registration: { enabled: true, initialAccessToken: 'initial' },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo(_, resource) {
        if (resource.endsWith('/unknown')) throw new errors.InvalidTarget();
        return {
          scope: 'read',
          audience: resource,
          accessTokenTTL: 300,
          accessTokenFormat: resource.endsWith('/opaque') ? 'opaque' : 'jwt',
        };
      },
    },
  },
  ...(tls && {
    clientAuthMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  }),
  // A strict server: its issuer and nothing else.
  assertJwtClientAuthClaimsAndHeader(context, claims) {
    if (claims.aud !== context.oidc.issuer) {
      throw new errors.InvalidClientAuth('aud is not the issuer');
    }
  },
  // Its own goes to no special-use address, and this machine is one.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
};
