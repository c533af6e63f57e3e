// Clients of a token endpoint and an API, each as people write it with its libraries.
import axios from 'axios';
import * as jose from 'jose';
import njwt from 'njwt';
import * as openid from 'openid-client';
import { answer } from './answer.mjs';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

// Every status is an answer.
const http = axios.create({ validateStatus: () => true, proxy: false });

await answer({ article, gateway, registered, standard });

// jose signs, axios sends, as RFC 7523 has it.
async function standard({ issuer, api, client, alg, pkcs8 }) {
  const proof = await new jose.SignJWT({})
    .setProtectedHeader({ alg, kid: client })
    .setIssuer(client)
    .setSubject(client)
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(crypto.randomUUID())
    .sign(await jose.importPKCS8(pkcs8, alg));
  const { data: metadata } = await http.get(`${issuer}/.well-known/openid-configuration`);
  const granted = await post(metadata.token_endpoint, {
    grant_type: 'client_credentials',
    client_id: client,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: proof,
  });
  return { granted, access: await get(`${api}/protected`, granted.body.access_token) };
}

// The Node.js article's client: plain words, `alg` alone, no grant type, no jti, and the answer's
// `token`.
async function article({ endpoint, api, pkcs8 }) {
  const proof = await new jose.SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer('client')
    .setSubject('client')
    .setAudience('auth')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(await jose.importPKCS8(pkcs8, 'RS256'));
  const granted = await post(endpoint, {
    client_id: 'client',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: proof,
  });
  return { granted, access: await get(`${api}/protected`, granted.body.token) };
}

// A gateway's client: njwt signs with an RSA key, adds a jti and no kid, and the form has `scopes`.
async function gateway({ issuer, endpoint, api, client, pem }) {
  const claims = { iss: client, sub: client, aud: issuer };
  const proof = njwt.create(claims, pem, 'RS256');
  proof.setExpiration(Date.now() + 5 * 60 * 1000);
  const granted = await post(endpoint, {
    grant_type: 'client_credentials',
    client_id: client,
    scopes: 'openid',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: proof.compact(),
  });
  const headers = await get(`${api}/headers`, granted.body.access_token);
  return { header: proof.header, granted, headers };
}

// openid-client registers itself, gets a token, asks about it, takes it back, and asks again.
async function registered({ issuer, api, token, jwk, pkcs8, alg }) {
  const key = await jose.importPKCS8(pkcs8, alg);
  const config = await openid.dynamicClientRegistration(
    new URL(issuer),
    {
      client_name: 'by openid-client',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: alg,
      scope: 'read',
      jwks: { keys: [jwk] },
    },
    openid.PrivateKeyJwt({ key, kid: jwk.kid }),
    { initialAccessToken: token, execute: [openid.allowInsecureRequests] },
  );
  const granted = await openid.clientCredentialsGrant(config, { scope: 'read' });
  const access = await get(`${api}/protected`, granted.access_token);
  const before = await openid.tokenIntrospection(config, granted.access_token);
  await openid.tokenRevocation(config, granted.access_token);
  const after = await openid.tokenIntrospection(config, granted.access_token);
  return { client: config.clientMetadata().client_id, access, before, after };
}

async function post(url, form) {
  const { status, data: body } = await http.post(url, new URLSearchParams(form));
  return { status, body };
}

async function get(url, token) {
  const { status, data: body } = await http.get(url, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return { status, body };
}
