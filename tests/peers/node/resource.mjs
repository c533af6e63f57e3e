// An API that takes an access token from nobody but whom it is bound to (RFC 8705).
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { hash } from 'node:crypto';

// Handles requests, where the server at `issuer` issued their tokens.
export function resource(issuer) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  return async (request, response) => {
    try {
      const token = request.headers.authorization?.split(' ')[1];
      const { payload } = await jwtVerify(token, keys, { issuer, typ: 'at+jwt' });
      checkCertificate(request, payload.cnf);
      answer(response, 200, {}, { client: payload.client_id, cnf: payload.cnf });
    } catch ({ message }) {
      const challenge = `Bearer error="invalid_token", error_description="${message}"`;
      answer(response, 401, { 'www-authenticate': challenge }, {});
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

function answer(response, status, headers, body) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
