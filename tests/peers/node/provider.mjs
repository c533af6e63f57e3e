// npm's oidc-provider as an authorization server: `node provider.mjs FILE`, where FILE holds its
// clients as JSON. It says where it listens.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider, { errors } from 'oidc-provider';

const { clients } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on('request', new Provider(issuer, configuration).callback());
  console.log(`oidc-provider listens on ${issuer}`);
});

const configuration = {
  clients: clients.map((client) => ({
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'private_key_jwt',
    ...client,
  })),
  scopes: ['read', 'write'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
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
  // A strict server: its issuer and nothing else.
  assertJwtClientAuthClaimsAndHeader(context, claims) {
    if (claims.aud !== context.oidc.issuer) {
      throw new errors.InvalidClientAuth('aud is not the issuer');
    }
  },
  // Its own goes to no special-use address, and this machine is one.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
};
