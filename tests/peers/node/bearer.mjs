// A token endpoint as Google's service accounts know it (RFC 7523 section 2.1), by npm's jose:
// `node bearer.mjs FILE`, where FILE holds `keys` (a JWK Set) and what `issuer` and `subject` must be.
// It says where it listens.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { jwks, issuer, subject, scope } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const keys = createLocalJWKSet(jwks);
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  let body = '';
  for await (const piece of request) body += piece;
  const form = new URLSearchParams(body);
  if (form.get('grant_type') !== GRANT) return answer(400, { error: 'unsupported_grant_type' });
  try {
    const audience = 'https://oauth2.googleapis.com/token';
    const options = { issuer, subject, audience, algorithms: ['RS256'], maxTokenAge: '1h' };
    const { payload, protectedHeader } = await jwtVerify(form.get('assertion'), keys, options);
    if (payload.exp - payload.iat > 3600) throw new Error('it lives longer than an hour');
    if (payload.scope !== scope) throw new Error('the scope is another one');
    if (!protectedHeader.kid) throw new Error('the header names no kid');
    answer(200, { access_token: `opaque for ${payload.sub}`.replaceAll(' ', '-'), token_type: 'Bearer', expires_in: 3599 });
  } catch ({ message }) {
    answer(400, { error: 'invalid_grant', error_description: message });
  }
});
server.listen(0, '127.0.0.1', () => {
  console.log(`bearer listens on http://127.0.0.1:${server.address().port}`);
});
