"""What an operator chooses."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from masquerade.errors import InputError


@dataclass(frozen=True)
class Settings:
    """How a service runs.

    Attributes:
        tokens: file of :mod:`masquerade.service.tokens`.
        gallery: see :class:`masquerade.gallery.connection.Database`.
        model: see :func:`masquerade.recognition.model.model_files`.
        system, fmr, scope: see :class:`masquerade.recognition.system.RecognitionSystem`.
        key: file of the master secret; None: the one that ``MASQUERADE_KEY`` names.
        judge: .keras file of a judge, shown what is enrolled on the page; None: there is none.
        host, port: where it listens.
        certificate, private_key: .pem files for TLS.
        behind_proxy: a proxy on this machine or network speaks TLS.
        max_bytes: of a request.
        max_seconds: until a request's body has arrived.
        waiting: requests that may wait for the model; to one more the service is busy.
        rate: requests a minute of one token.
        subject_rate: verifications a minute of one subject.
        identify_rate: identifications a minute of one token.
        failures: rejections of one subject within ``lock_out`` seconds, after which it is locked.
        lock_out: see ``failures``.
        stop_seconds: that requests have to end when the service is stopped.
    """

    tokens: Path
    gallery: str = "gallery.db"
    model: str = "faces"
    system: str = "masquerade"
    fmr: float = 1e-3
    scope: Literal["record", "system"] = "record"
    key: Path | None = None
    judge: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    certificate: Path | None = None
    private_key: Path | None = None
    behind_proxy: bool = False
    max_bytes: int = 10_000_000
    max_seconds: float = 30.0
    waiting: int = 32
    rate: int = 120
    subject_rate: int = 20
    identify_rate: int = 20
    failures: int = 5
    lock_out: float = 900.0
    stop_seconds: int = 30

    def __post_init__(self) -> None:
        """Refuse what would leave the service open.

        Raises:
            InputError: a limit is not positive, half of TLS is missing, or others could read along.
        """
        for field in fields(self)[fields(self).index(self.__dataclass_fields__["max_bytes"]) :]:
            if getattr(self, field.name) <= 0:
                raise InputError(f"{field.name}: is {getattr(self, field.name)}, and must be above 0")
        if (self.certificate is None) != (self.private_key is None):
            raise InputError("TLS needs both a certificate and its private key")
        if self.host not in ("127.0.0.1", "::1", "localhost") and not (self.certificate or self.behind_proxy):
            raise InputError(
                f"on {self.host} others could read tokens and pictures: give a certificate and its private key, or "
                "say that a proxy speaks TLS"
            )
