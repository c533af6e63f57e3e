// npm's node-forge, which reads RSA alone.
import forge from 'node-forge';
import { answer } from './answer.mjs';

const { pki } = forge;

await answer({ certificate, keys });

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
