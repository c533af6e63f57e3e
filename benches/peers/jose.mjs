// Tokens a second with npm's jose: `node jose.mjs ALG`, the key parsed once.
import { randomUUID } from 'node:crypto';
import { SignJWT, generateKeyPair } from 'jose';

const alg = process.argv[2];
const { privateKey } = await generateKeyPair(alg);
const one = () =>
  new SignJWT({ sub: 'john.doe', name: 'John Doe', jti: randomUUID() })
    .setProtectedHeader({ alg, typ: 'JWT', kid: 'bench' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
for (let count = 0; count < 500; count += 1) await one();
const start = performance.now();
let count = 0;
while (performance.now() - start < 2000) {
  await one();
  count += 1;
}
console.log((count * 1000) / (performance.now() - start));
