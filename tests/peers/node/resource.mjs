// An API that takes an access token from nobody but whom it is bound to: by a certificate (RFC 8705),
// or by a proof with each request and a nonce of its own in it (DPoP, RFC 9449).
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, jwtVerify } from 'jose';
import { hash, randomUUID } from 'node:crypto';

// Handles requests, where the server at `issuer` issued their tokens.
export function resource(issuer) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const nonce = randomUUID();
  const seen = new Set();
  return async (request, response) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, typ: 'at+jwt' });
      const { cnf } = payload;
      if (scheme === 'DPoP') await checkProof(request, token, cnf, { issuer, nonce, seen });
      else checkCertificate(request, cnf);
      answer(response, 200, {}, { client: payload.client_id, cnf });
    } catch ({ message, error = 'invalid_token' }) {
      const challenge = `${scheme} error="${error}", error_description="${message}"`;
      answer(response, 401, { 'www-authenticate': challenge, 'dpop-nonce': nonce }, {});
    }
  };
}

function checkCertificate(request, cnf) {
  const bound = cnf?.['x5t#S256'];
  if (!bound) throw new Error('the token is bound to no certificate');
  const shown = request.socket.getPeerX509Certificate();
  if (!shown) throw new Error('no certificate was shown');
  if (hash('sha256', shown.raw, 'base64url') !== bound) {
    throw new Error('the certificate is another one');
  }
}

async function checkProof(request, token, cnf, { issuer, nonce, seen }) {
  const refuse = (message, error = 'invalid_dpop_proof') => {
    throw Object.assign(new Error(message), { error });
  };
  const { payload, protectedHeader } = await jwtVerify(request.headers.dpop, EmbeddedJWK, {
    typ: 'dpop+jwt',
    maxTokenAge: 60,
  });
  if (payload.nonce !== nonce) refuse('a nonce is wanted', 'use_dpop_nonce');
  if (payload.htm !== request.method) refuse('htm is another one');
  if (payload.htu !== issuer + request.url.split('?')[0]) refuse('htu is another one');
  if (payload.ath !== hash('sha256', token, 'base64url')) refuse('ath is another one');
  if (seen.has(payload.jti)) refuse('jti was seen before');
  seen.add(payload.jti);
  if ((await calculateJwkThumbprint(protectedHeader.jwk)) !== cnf?.jkt) {
    refuse('the key is another one');
  }
}

function answer(response, status, headers, body) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
