// What comes with Node itself.
import { X509Certificate, createHash, createPublicKey } from 'node:crypto';
import { answer } from './answer.mjs';

await answer({ inPlace, thumbprints });

// `x5c`, `x5t` and `x5t#S256` of a certificate (RFC 7517 section 4).
function thumbprints({ pem }) {
  const { raw } = new X509Certificate(pem);
  return {
    x5c: [raw.toString('base64')],
    x5t: createHash('sha1').update(raw).digest('base64url'),
    'x5t#S256': createHash('sha256').update(raw).digest('base64url'),
  };
}

// The public key and the certificate of a key file as it lies on the disk.
function inPlace({ file }) {
  const certificate = new X509Certificate(file);
  return {
    spki: createPublicKey(file).export({ type: 'spki', format: 'pem' }),
    certificate: certificate.toString(),
    signedByItself: certificate.verify(certificate.publicKey),
  };
}
