// The two servers of the Node.js article, with express and jose: `node article.mjs auth KEYS` and
// `node article.mjs api JWKS_URL`. The address is told once they listen.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import * as jose from 'jose';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const [role, place] = process.argv.slice(2);

const app = express();
app.get('/health', (_, response) => response.json({ status: 'ok' }));
await { auth, api }[role](app, place);
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening at http://127.0.0.1:${server.address().port}`);
});

async function auth(app, folder) {
  const file = (name) => readFileSync(join(folder, name), 'utf8');
  const set = JSON.parse(file('jwks.json'));
  const own = await jose.importPKCS8(file('private_key.pem'), 'RS256');
  const clients = await jose.importSPKI(file('public_key.pem'), 'RS256');
  const refuse = (response, status, error) => response.status(status).json({ error });

  app.use(express.urlencoded({ extended: false }));
  app.get(['/jwks.json', '/.well-known/jwks.json'], (_, response) => response.json(set));
  app.post('/token', async (request, response) => {
    const form = request.body;
    if (!form) return refuse(response, 400, 'Request body is required');
    if (form.client_id !== 'client') {
      return refuse(response, 400, 'Missing or invalid client_id');
    }
    if (form.client_assertion_type !== ASSERTION_TYPE) {
      return refuse(response, 400, 'Missing or invalid client_assertion_type');
    }
    if (!form.client_assertion) return refuse(response, 400, 'Missing client_assertion');
    try {
      const { payload } = await jose.jwtVerify(form.client_assertion, clients, {
        algorithms: ['RS256'],
        audience: 'auth',
        issuer: 'client',
        subject: 'client',
      });
      const token = await new jose.SignJWT({ sub: payload.sub, user: 'exampleUser' })
        .setProtectedHeader({ alg: 'RS256', kid: set.keys[0].kid })
        .setIssuer('auth')
        .setAudience('api')
        .setIssuedAt()
        .setExpirationTime('2h')
        .sign(own);
      return response.json({ token });
    } catch {
      return refuse(response, 401, 'Invalid client_assertion');
    }
  });
}

async function api(app, url) {
  const set = jose.createRemoteJWKSet(new URL(url));
  app.get('/protected', async (request, response) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme !== 'Bearer' || !token) {
      response.status(401).json({ error: 'Missing or invalid Authorization header' });
      return;
    }
    try {
      const { payload } = await jose.jwtVerify(token, set, {
        algorithms: ['RS256'],
        audience: 'api',
        issuer: 'auth',
      });
      response.json({ message: 'Protected resource accessed', user: payload.sub });
    } catch {
      response.status(401).json({ error: 'Invalid or expired token' });
    }
  });
}
