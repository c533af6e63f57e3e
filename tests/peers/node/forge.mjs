// npm's node-forge, which reads RSA alone.
import forge from 'node-forge';
import { answer } from './answer.mjs';

const { pki } = forge;

await answer({ certificate, forms, open });

// What a certificate says, in forge's words.
function certificate({ pem }) {
  const read = pki.certificateFromPem(pem);
  const { notBefore, notAfter } = read.validity;
  const extension = (name) => {
    const { id, critical, value, ...members } = read.getExtension(name);
    return members;
  };
  return {
    version: read.version + 1,
    signedByItself: read.verify(read),
    subject: read.subject.attributes.map(({ shortName, value }) => [shortName, value]),
    issuer: read.issuer.attributes.map(({ shortName, value }) => [shortName, value]),
    signature: pki.oids[read.signatureOid],
    serialBytes: forge.util.hexToBytes(read.serialNumber).length,
    serialNegative: forge.util.hexToBytes(read.serialNumber).charCodeAt(0) > 127,
    days: (notAfter - notBefore) / 86_400_000,
    validNow: notBefore <= new Date() && new Date() < notAfter,
    names: read.extensions.map(({ name }) => name).sort(),
    basicConstraints: extension('basicConstraints'),
    keyUsage: extension('keyUsage'),
    extKeyUsage: extension('extKeyUsage'),
    nsCertType: extension('nsCertType'),
    subjectAltName: extension('subjectAltName').altNames.map(({ type, value, ip }) => [
      type,
      ip ?? value,
    ]),
    subjectKeyIdentifier: extension('subjectKeyIdentifier').subjectKeyIdentifier,
    ownKeyIdentifier: read.generateSubjectKeyIdentifier().toHex(),
    spki: pki.publicKeyToPem(read.publicKey),
  };
}

// A new key pair in every form that forge has for one, in Base64 what is no text.
function forms({ passphrase }) {
  const { privateKey, publicKey } = pki.rsa.generateKeyPair(2048);
  const root = pki.rsa.generateKeyPair(2048);
  const issuer = certified(root.publicKey, 'root', root.privateKey, 'root');
  const leaf = certified(publicKey, 'k', root.privateKey, 'root');
  const request = pki.createCertificationRequest();
  request.publicKey = publicKey;
  request.setSubject(named('k'));
  request.sign(privateKey, forge.md.sha256.create());
  const info = pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(privateKey));
  const sealed = (algorithm) => pki.encryptPrivateKeyInfo(info, passphrase, { algorithm });
  const p12 = (chain, algorithm) =>
    der(forge.pkcs12.toPkcs12Asn1(privateKey, chain, passphrase, { algorithm }));
  const pem = (asn1) => lines(pki.encryptedPrivateKeyToPem(asn1));
  const legacy = { legacy: true, algorithm: 'aes256' };
  return {
    spki: lines(pki.publicKeyToPem(publicKey)),
    'spki-der': der(pki.publicKeyToAsn1(publicKey)),
    'pkcs1-public': lines(pki.publicKeyToRSAPublicKeyPem(publicKey)),
    pkcs8: lines(pki.privateKeyInfoToPem(info)),
    'pkcs8-der': der(info),
    'pkcs8-enc': Object.fromEntries(
      ['aes128', 'aes192', 'aes256', '3des'].map((name) => [name, pem(sealed(name))]),
    ),
    'pkcs8-enc-der': der(sealed('aes256')),
    traditional: lines(pki.privateKeyToPem(privateKey)),
    'traditional-der': der(pki.privateKeyToAsn1(privateKey)),
    'traditional-enc': lines(pki.encryptRsaPrivateKey(privateKey, passphrase, legacy)),
    p12: { '3des': p12(null, '3des'), aes256: p12([leaf, issuer], 'aes256') },
    ssh: forge.ssh.publicKeyToOpenSSH(publicKey, 'k'),
    leaf: lines(pki.certificateToPem(leaf)),
    'leaf-der': der(pki.certificateToAsn1(leaf)),
    issuer: lines(pki.certificateToPem(issuer)),
    request: lines(pki.certificationRequestToPem(request)),
  };
}

// The public half of the key in a file, and how many certificates stand there.
function open({ form, content, passphrase }) {
  const bytes = forge.util.decode64(content);
  const blocks = () => forge.pem.decode(bytes).map((block) => forge.pem.encode(block));
  const certificates = () => blocks().filter((block) => block.includes('BEGIN CERTIFICATE'));
  const asn1 = () => forge.asn1.fromDer(bytes);
  const readers = {
    spki: () => pki.publicKeyFromPem(bytes),
    cert: () => pki.certificateFromPem(bytes).publicKey,
    der: () => pki.certificateFromAsn1(asn1()).publicKey,
    chain: () => pki.certificateFromPem(certificates()[0]).publicKey,
    bundle: () => pki.privateKeyFromPem(blocks()[0]),
    'bundle, public': () => pki.publicKeyFromPem(blocks()[0]),
    pkcs8: () => pki.privateKeyFromPem(bytes),
    'pkcs8-enc': () => pki.decryptRsaPrivateKey(bytes, passphrase),
    pkcs1: () => pki.privateKeyFromPem(bytes),
    p12: () => {
      const bagType = pki.oids.pkcs8ShroudedKeyBag;
      const read = forge.pkcs12.pkcs12FromAsn1(asn1(), passphrase);
      return read.getBags({ bagType })[bagType][0].key;
    },
  };
  const { n, e } = readers[form]();
  const text = bytes.startsWith('-----');
  return {
    spki: lines(pki.publicKeyToPem(pki.setRsaPublicKey(n, e))),
    // Every certificate that is there must be readable.
    certificates: text ? certificates().map((pem) => pki.certificateFromPem(pem)).length : 0,
  };
}

// A certificate of a day's length.
function certified(publicKey, subject, issuerKey, issuer) {
  const certificate = pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date();
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  certificate.setSubject(named(subject));
  certificate.setIssuer(named(issuer));
  if (subject === 'root') {
    certificate.setExtensions([{ name: 'basicConstraints', cA: true, critical: true }]);
  }
  certificate.sign(issuerKey, forge.md.sha256.create());
  return certificate;
}

function named(value) {
  return [{ shortName: 'CN', value }];
}

// DER as Base64.
function der(asn1) {
  return forge.util.encode64(forge.asn1.toDer(asn1).getBytes());
}

// Forge ends its lines as RFC 1421 did.
function lines(pem) {
  return pem.replaceAll('\r\n', '\n');
}
