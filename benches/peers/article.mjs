// What the article on GoodData does by hand with node-forge: an RSA key, its self-signed
// certificate and its JWK, in `jwk.json` and `jwk-meta.json` of the folder that is named.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import forge from 'node-forge';

const { pki, md, asn1, random, util } = forge;
const folder = process.argv[2];
const keys = pki.rsa.generateKeyPair(2048);
const certificate = pki.createCertificate();
certificate.publicKey = keys.publicKey;
certificate.serialNumber = `40${util.bytesToHex(random.getBytesSync(15))}`;
certificate.validity.notAfter.setFullYear(certificate.validity.notBefore.getFullYear() + 1);
const subject = [
  { name: 'commonName', value: 'bench' },
  { name: 'countryName', value: 'US' },
  { shortName: 'ST', value: 'California' },
  { name: 'localityName', value: 'San Francisco' },
  { name: 'organizationName', value: 'GoodData' },
];
certificate.setSubject(subject);
certificate.setIssuer(subject);
certificate.setExtensions([
  { name: 'basicConstraints', cA: true },
  {
    name: 'keyUsage',
    keyCertSign: true,
    digitalSignature: true,
    nonRepudiation: true,
    keyEncipherment: true,
    dataEncipherment: true,
  },
  {
    name: 'extKeyUsage',
    serverAuth: true,
    clientAuth: true,
    codeSigning: true,
    emailProtection: true,
    timeStamping: true,
  },
  {
    name: 'nsCertType',
    client: true,
    server: true,
    email: true,
    objsign: true,
    sslCA: true,
    emailCA: true,
    objCA: true,
  },
  {
    name: 'subjectAltName',
    altNames: [
      { type: 6, value: 'http://localhost' },
      { type: 7, ip: '127.0.0.1' },
    ],
  },
  { name: 'subjectKeyIdentifier' },
]);
certificate.sign(keys.privateKey, md.sha256.create());

const der = asn1.toDer(pki.certificateToAsn1(certificate)).getBytes();
const base64url = (bytes) => Buffer.from(bytes, 'binary').toString('base64url');
const number = (value) => Buffer.from(value.toByteArray()).subarray(-256).toString('base64url');
const jwk = {
  kty: 'RSA',
  use: 'sig',
  alg: 'RS256',
  kid: 'bench',
  n: number(keys.publicKey.n),
  e: number(keys.publicKey.e),
  x5c: [util.encode64(der)],
  x5t: base64url(md.sha1.create().update(der).digest().getBytes()),
};
writeFileSync(join(folder, 'jwk.json'), JSON.stringify(jwk));
writeFileSync(
  join(folder, 'jwk-meta.json'),
  JSON.stringify({
    privateKeyPem: pki.privateKeyToPem(keys.privateKey),
    publicKeyPem: pki.publicKeyToPem(keys.publicKey),
  }),
);
