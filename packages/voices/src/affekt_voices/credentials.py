"""The certificate with which this installation signs what it speaks.

Made on first use: a root of one's own, and a signer below it, as C2PA's profile of X.509 asks. Readers will say
"valid, but signed by nobody I know": true, and enough to tell that a file was not changed since. Who has a certificate
of a trusted issuer puts its chain and key in the two files instead.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from filelock import FileLock

from affekt_voices.folders import write_private

LIFETIME = timedelta(days=3650)
_ROOT, _SIGNER = "affekt root of this installation", "affekt speech of this installation"


def credentials(folder: Path) -> tuple[bytes, bytes]:
    """The chain of certificates and the signer's private key, PEM; made if the folder has none."""
    chain, key = folder / "signer.chain.pem", folder / "signer.key.pem"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / ".signer.lock"):
        if not (chain.is_file() and key.is_file()):
            certificates, private = _make_credentials()
            write_private(key, private)
            write_private(chain, certificates)
    return chain.read_bytes(), key.read_bytes()


def _make_credentials() -> tuple[bytes, bytes]:
    root, signer = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    certificates = [
        _certificate(_SIGNER, signer, root, authority=False),
        _certificate(_ROOT, root, root, authority=True),
    ]
    private = signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates), private


def _certificate(
    name: str, key: EllipticCurvePrivateKey, issuer: EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    now, public = datetime.now(UTC), key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(_ROOT))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(issuer, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "self-signed by affekt"),
        ]
    )


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
