// npm's openid-client and jose, as a client, an API and a forger would use them.
import * as jose from 'jose';
import * as openid from 'openid-client';
import { answer } from './answer.mjs';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

await answer({ access, assertion, discovered, token });

// An access token got with openid-client, and what jose reads in it with the set at `jwks`.
async function discovered({ issuer, client, alg, pkcs8, jwks, api, resource }) {
  const key = await jose.importPKCS8(pkcs8, alg);
  const config = await openid.discovery(
    new URL(issuer),
    client,
    undefined,
    openid.PrivateKeyJwt({ key, kid: client }),
    { execute: [openid.allowInsecureRequests] },
  );
  const parameters = { scope: 'read', ...(resource && { resource }) };
  const granted = await openid.clientCredentialsGrant(config, parameters);
  const set = jose.createRemoteJWKSet(new URL(jwks));
  const { payload, protectedHeader } = await jose.jwtVerify(granted.access_token, set, {
    issuer,
    audience: resource ?? api,
    algorithms: ['RS256'],
  });
  const { access_token: accessToken, ...members } = granted;
  return { accessToken, members, payload, header: protectedHeader };
}

// A client assertion by hand; `header` and `claims` change what is usual.
async function assertion({ client, audience, alg, pkcs8, header, claims }) {
  const now = Math.floor(Date.now() / 1000);
  const usual = {
    iss: client,
    sub: client,
    aud: audience,
    iat: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
  };
  return new jose.SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg, typ: 'JWT', kid: client, ...header })
    .sign(await jose.importPKCS8(pkcs8, alg));
}

// The token endpoint's answer to an assertion, with fetch.
async function token({ endpoint, client, assertion: proof }) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: proof,
  });
  return answered(await fetch(endpoint, { method: 'POST', body }));
}

// The API's answer to a bearer token.
async function access({ url, accessToken }) {
  const headers = accessToken ? { Authorization: `Bearer ${accessToken}` } : {};
  return answered(await fetch(url, { headers }));
}

async function answered(response) {
  return { status: response.status, body: await response.json() };
}
