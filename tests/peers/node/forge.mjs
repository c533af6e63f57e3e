// npm's node-forge, which reads RSA alone.
import forge from 'node-forge';
import { answer } from './answer.mjs';

const { pki } = forge;

await answer({ certificate, keys, open, sealed });

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

// A new key pair, sealed with a passphrase and in the form of before PKCS#8.
function sealed({ passphrase }) {
  const { privateKey, publicKey } = pki.rsa.generateKeyPair(2048);
  const info = pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(privateKey));
  const encrypted = pki.encryptPrivateKeyInfo(info, passphrase, { algorithm: 'aes256' });
  const p12 = forge.pkcs12.toPkcs12Asn1(privateKey, null, passphrase, { algorithm: '3des' });
  return {
    pkcs8: lines(pki.encryptedPrivateKeyToPem(encrypted)),
    pkcs1: lines(pki.privateKeyToPem(privateKey)),
    p12: forge.util.encode64(forge.asn1.toDer(p12).getBytes()),
    spki: lines(pki.publicKeyToPem(publicKey)),
  };
}

// The public half of the private key in a file.
function open({ form, content, passphrase }) {
  const bytes = forge.util.decode64(content);
  const readers = {
    'pkcs8-enc': () => pki.decryptRsaPrivateKey(bytes, passphrase),
    pkcs1: () => pki.privateKeyFromPem(bytes),
    p12: () => {
      const bagType = pki.oids.pkcs8ShroudedKeyBag;
      const read = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(bytes), passphrase);
      return read.getBags({ bagType })[bagType][0].key;
    },
  };
  const { n, e } = readers[form]();
  return { spki: lines(pki.publicKeyToPem(pki.setRsaPublicKey(n, e))) };
}

// A new key pair with a certificate, in the forms that forge writes.
function keys() {
  const { privateKey, publicKey } = pki.rsa.generateKeyPair(2048);
  const certificate = pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date();
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const subject = [{ shortName: 'CN', value: 'forge' }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.sign(privateKey, forge.md.sha256.create());
  const pkcs8 = pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(privateKey));
  return {
    pkcs8: lines(pki.privateKeyInfoToPem(pkcs8)),
    spki: lines(pki.publicKeyToPem(publicKey)),
    certificate: lines(pki.certificateToPem(certificate)),
  };
}

// Forge ends its lines as RFC 1421 did.
function lines(pem) {
  return pem.replaceAll('\r\n', '\n');
}
