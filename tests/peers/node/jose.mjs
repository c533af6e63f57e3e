// npm's jose.
import * as jose from 'jose';
import { answer } from './answer.mjs';

const NAMES = {
  EdDSA: { crv: 'Ed25519' },
};

await answer({ keys, make, open, publicKeys, sealJwk, verify });

// For each token what it says, or the code of the error that refuses it.
async function verify({ alg, jwk, x509, tokens }) {
  const key = x509 ? await jose.importX509(x509, alg) : await jose.importJWK(jwk, alg);
  return Promise.all(
    tokens.map((token) =>
      jose.jwtVerify(token, key, { algorithms: [alg] }).then(
        ({ payload, protectedHeader }) => ({ payload, header: protectedHeader }),
        (error) => ({ refused: error.code ?? error.name }),
      ),
    ),
  );
}

// A new key pair and tokens that it signed.
async function make({ alg, count }) {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, NAMES[alg]);
  const jwk = { ...(await jose.exportJWK(publicKey)), kid: `jose-${alg}`, alg, use: 'sig' };
  const tokens = [];
  for (let n = 0; n < count; n += 1) {
    const token = new jose.SignJWT({ name: 'Jos\u00e9', n })
      .setProtectedHeader({ alg, typ: 'JWT', kid: jwk.kid })
      .setSubject('jose')
      .setIssuedAt()
      .setExpirationTime('10m')
      .setJti(`${alg}-${n}`);
    tokens.push(await token.sign(privateKey));
  }
  return { jwk, tokens };
}

// A new key pair in every form that jose writes.
async function keys({ alg }) {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, {
    ...NAMES[alg],
    extractable: true,
  });
  const names = { kid: `jose-${alg}`, alg, use: 'sig' };
  return {
    jwk: { ...(await jose.exportJWK(privateKey)), ...names },
    public: { ...(await jose.exportJWK(publicKey)), ...names },
    // jose leaves the last line without an end.
    pkcs8: `${await jose.exportPKCS8(privateKey)}\n`,
    spki: `${await jose.exportSPKI(publicKey)}\n`,
  };
}

// What jose reads in an SPKI and in a certificate, as JWKs.
async function publicKeys({ alg, spki, x509 }) {
  const options = { extractable: true };
  return {
    spki: await jose.exportJWK(await jose.importSPKI(spki, alg, options)),
    x509: await jose.exportJWK(await jose.importX509(x509, alg, options)),
  };
}

// A private JWK, sealed with a passphrase, in both forms of JWE.
async function sealJwk({ jwk, alg, enc, passphrase }) {
  const text = new TextEncoder().encode(JSON.stringify(jwk));
  const secret = new TextEncoder().encode(passphrase);
  const header = { alg, enc, cty: 'jwk+json' };
  const flattened = new jose.FlattenedEncrypt(text).setProtectedHeader(header);
  const compact = new jose.CompactEncrypt(text).setProtectedHeader(header);
  return {
    flattened: JSON.stringify(await flattened.encrypt(secret)),
    compact: await compact.encrypt(secret),
  };
}

// The public half of the key in a file, as SPKI.
async function open({ form, content, alg, passphrase }) {
  const options = { extractable: true };
  const ofJwk = async ({ d, p, q, dp, dq, qi, ...jwk }) => {
    // The private half is read too, and says no if it does not fit.
    if (d) {
      await jose.importJWK({ ...jwk, d, ...(p && { p, q, dp, dq, qi }) }, alg);
    }
    return jose.importJWK(jwk, alg, options);
  };
  const readers = {
    jwk: () => ofJwk(JSON.parse(content)),
    jwks: async () => {
      const set = JSON.parse(content);
      const { kid } = set.keys[0];
      await jose.createLocalJWKSet(set)({ alg, kid });
      return ofJwk(set.keys[0]);
    },
    spki: () => jose.importSPKI(content, alg, options),
    cert: () => jose.importX509(content, alg, options),
    pkcs8: async () => {
      const key = await jose.importPKCS8(content, alg, options);
      return ofJwk(await jose.exportJWK(key));
    },
    jwe: async () => {
      const secret = new TextEncoder().encode(passphrase);
      const { plaintext } = await jose.flattenedDecrypt(JSON.parse(content), secret, {
        keyManagementAlgorithms: ['PBES2-HS256+A128KW'],
        maxPBES2Count: 600_000,
      });
      return ofJwk(JSON.parse(new TextDecoder().decode(plaintext)));
    },
  };
  return { spki: `${await jose.exportSPKI(await readers[form]())}\n` };
}
